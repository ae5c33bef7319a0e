import { parse as parseText } from 'dotenv'

/**
 * A chunk of its own, for the few processes that have a .env. Only the parser: dotenv's `config()` writes to stdout. Its scanner
 * takes linear time; the expression that it uses by default reads each run of blank lines once for each of them.
 */
export function parse(text: string): Record<string, string> {
  return parseText(text, { fast: true })
}
