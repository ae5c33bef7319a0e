import { type Edit, lineEndOf } from './edit.ts'

const HEADING = '# Telemetry: https://www.npmjs.com/package/@paxx/obs'

/** Appends the variables that a .env does not set. Existing values are kept. */
export function editEnvFile(
  text: string | undefined,
  wanted: Readonly<Record<string, string>>,
  parse: (text: string) => Record<string, string>,
): Edit {
  const before = parse(text ?? '')
  const missing = Object.entries(wanted).filter(([name]) => before[name] === undefined)
  if (missing.length === 0) return { unchanged: 'has the variables' }
  const lineEnd = lineEndOf(text ?? '')
  const lines = [HEADING, ...missing.map(([name, value]) => `${name}=${quoted(value)}`)]
  const start = text === undefined || text === '' ? '' : text.endsWith('\n') ? lineEnd : lineEnd + lineEnd
  const appended = lines.join(lineEnd) + lineEnd
  const after = `${text ?? ''}${start}${appended}`
  // An unclosed quote in the last lines, for example, would swallow what is appended.
  const read = parse(after)
  const expected = { ...before, ...Object.fromEntries(missing) }
  const same = Object.keys(read).length === Object.keys(expected).length
  if (!same || Object.entries(expected).some(([name, value]) => read[name] !== value)) {
    return { refused: 'has a format that cannot be extended automatically' }
  }
  return { text: after, summary: missing.map(([name]) => name).join(', '), appended }
}

function quoted(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : JSON.stringify(value)
}
