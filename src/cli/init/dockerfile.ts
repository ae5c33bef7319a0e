import { type Edit, lineEndOf } from './edit.ts'
import { PRELOAD } from './start-script.ts'

const LINES = [`ENV NODE_OPTIONS="--import ${PRELOAD}" \\`, '    OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0', 'EXPOSE 9464']

/**
 * Adds the preload and the side port's address to the last stage of a Dockerfile, before the instruction that starts
 * the app.
 */
export function editDockerfile(text: string): Edit {
  if (text.includes(PRELOAD)) return { unchanged: 'has the preload' }
  if (/^[ \t]*#[ \t]*escape[ \t]*=[ \t]*`/im.test(text)) return { refused: 'uses another escape character' }
  // Each line includes its carriage return, if it has one.
  const lines = text.split('\n')
  const instructions = instructionsOf(lines)
  if (instructions === undefined) return { refused: 'has a here-document' }
  const from = instructions.findLast(({ keyword }) => keyword === 'FROM')
  if (from === undefined) return { refused: 'has no FROM' }
  const stage = instructions.filter(({ line }) => line > from.line)
  if (stage.some(({ keyword, text: whole }) => keyword === 'ENV' && /\bNODE_OPTIONS\b/.test(whole))) {
    return { refused: `sets NODE_OPTIONS itself: add --import ${PRELOAD} to it` }
  }
  const start = stage.find(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT')
  const at = start === undefined ? endOf(lines) : start.line
  const end = lineEndOf(text)
  const summary = 'the preload in the last stage'
  if (at === lines.length) return { text: `${text}${end}${LINES.join(end)}`, summary }
  const before = lines.slice(0, at).map((line) => `${line}\n`)
  return { text: [...before, ...LINES.map((line) => line + end), lines.slice(at).join('\n')].join(''), summary }
}

interface Instruction {
  readonly keyword: string
  /** The index of its first line. */
  readonly line: number
  /** Includes its continuation lines. */
  readonly text: string
}

function instructionsOf(lines: readonly string[]): readonly Instruction[] | undefined {
  const found: Instruction[] = []
  for (let line = 0; line < lines.length; line++) {
    const first = lines[line] ?? ''
    if (/^\s*(?:#|$)/.test(first)) continue
    const start = line
    let text = first
    // Comments and blank lines are allowed between the lines of one instruction.
    while (/\\\s*$/.test(lines[line] ?? '') || (line > start && /^\s*#/.test(lines[line] ?? ''))) {
      if (line + 1 >= lines.length) break
      text += `\n${lines[++line]}`
    }
    if (/<<-?["']?\w+/.test(text)) return undefined
    found.push({ keyword: /^\s*(\w+)/.exec(first)?.[1]?.toUpperCase() ?? '', line: start, text })
  }
  return found
}

/** Returns the index before the blank lines at the end. */
function endOf(lines: readonly string[]): number {
  let end = lines.length
  while (end > 0 && (lines[end - 1] ?? '').trim() === '') end--
  return end
}
