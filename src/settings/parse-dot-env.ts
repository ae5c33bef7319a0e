import { parse as parseText } from 'dotenv'

/**
 * Parses a .env, in a chunk of its own for the few processes that have one. Only dotenv's parser is used: its
 * `config()` writes to stdout. Its scanner takes linear time, while its default expression takes quadratic time for
 * runs of blank lines.
 */
export function parse(text: string): Record<string, string> {
  return parseText(text, { fast: true })
}
