import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Lines are wrapped at this width, or less in a narrower terminal. */
const READABLE_COLUMNS = 80

/**
 * Results go to stdout, problems to stderr. Colours are used only if the stream is a terminal and `NO_COLOR` allows
 * them, according to the rules of `styleText`.
 */
export interface Terminal {
  readonly columns: number
  /** Whether a person can be asked. */
  readonly interactive: boolean
  out(text: string): void
  err(text: string): void
  /** For text on stdout. */
  styled(style: Style, text: string): string
  /** Returns whether the answer is yes. The question goes to stderr, because stdout may be a file. */
  confirm(question: string): Promise<boolean>
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  // `paxx-obs settings | head` closes the pipe early, which is not a failure.
  for (const stream of [stdout, stderr]) stream.on('error', () => {})
  return {
    columns: Math.max(40, Math.min(stdout.columns ?? READABLE_COLUMNS, READABLE_COLUMNS)),
    interactive: stdin.isTTY && stderr.isTTY,
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    styled: (style, text) => styleText(style, text, { stream: stdout }),
    async confirm(question) {
      const prompt = createInterface({ input: stdin, output: stderr })
      const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')))
      try {
        const answer = await Promise.race([prompt.question(`${question} [y/N] `), ended])
        return /^y(?:es)?$/i.test(answer.trim())
      } finally {
        prompt.close()
      }
    },
  }
}

/** Wraps `text` into lines of at most `columns`, indented by `indent` after the first. Longer words are not broken. */
export function wrapped(text: string, columns: number, indent = 0): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns - indent) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`)
}
