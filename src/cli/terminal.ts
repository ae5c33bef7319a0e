import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Lines are wrapped for this width, and for less where the terminal is narrower. */
const READABLE_COLUMNS = 80

/**
 * Results on stdout, problems on stderr. Colour only where the stream is a terminal and `NO_COLOR` does not forbid it:
 * both are `styleText`'s own rules.
 */
export interface Terminal {
  readonly columns: number
  /** Somebody sits there who can be asked. */
  readonly interactive: boolean
  out(text: string): void
  err(text: string): void
  /** For text that goes to stdout. */
  styled(style: Style, text: string): string
  /** Whether the answer is yes. The question goes to stderr: stdout may be a file. */
  confirm(question: string): Promise<boolean>
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  // `paxx-obs settings | head` closes the pipe early; that is no failure of ours.
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

/** Words of `text` in lines of at most `columns`, each but the first after `indent` spaces. A longer word stays whole. */
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
