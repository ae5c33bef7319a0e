/** Writes the table of costs into README.md, between its two markers, from the results of the benchmarks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const README = join(ROOT, 'README.md')
const START = '<!-- costs -->\n'
const END = '<!-- /costs -->'

/** The columns of the README, and how their headers begin in the results. */
const COLUMNS = ['bare', '@paxx/obs', 'upstream', 'dd-trace'] as const

type Cells = Readonly<Record<(typeof COLUMNS)[number], string>>

/** The rows of bench/results.md that the README shows. A row that no run has measured yet is left out. */
const FROM_RESULTS: readonly (readonly [row: string, shown: string])[] = [
  ['start-up, empty script', 'startup, empty script'],
  ['start-up, Express app', 'startup, Express app'],
  ['memory, empty script', 'memory, empty script'],
  ['memory, idle Express app, scraped', 'memory, idle Express app'],
]
/** Those of bench/requests.md, and which of the two figures of each cell. */
const FROM_REQUESTS: readonly (readonly [row: string, shown: string, figure: 0 | 1])[] = [
  ['`node:http`', 'CPU time per request, `node:http`', 0],
  ['Express 5, two middlewares', 'CPU time per request, Express 5', 0],
  ['`http.get`', 'CPU time per outgoing `http.get`', 0],
  ['Express 5, two middlewares', 'memory under load, Express 5', 1],
]
const INSTALLED = ['installed size', 'installed size'] as const

/** Returns the README with the current table. Throws when the markers or a row are missing. */
export function withCosts(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start === -1 || end < start) throw new Error('README.md has lost the markers of the costs')
  return `${readme.slice(0, start)}${START}\n${table()}\n\n${readme.slice(end)}`
}

export function writeCosts(): void {
  writeFileSync(README, withCosts(readFileSync(README, 'utf8')))
}

function table(): string {
  const results = rowsOf('results.md')
  const requests = rowsOf('requests.md')
  const measured = ([row, shown]: readonly [string, string]): string[] => {
    const cells = results.get(row)
    return cells === undefined ? [] : [line(shown, cells, 0)]
  }
  const served = FROM_REQUESTS.map(([row, shown, figure]) => {
    const cells = requests.get(row)
    if (cells === undefined) throw new Error(`bench/requests.md has no row ${row}`)
    return line(shown, cells, figure)
  })
  return [
    `| | ${COLUMNS.map((name) => (name === '@paxx/obs' ? `\`${name}\`` : name)).join(' | ')} |`,
    `|${' --- |'.repeat(COLUMNS.length + 1)}`,
    ...FROM_RESULTS.flatMap(measured),
    ...served,
    ...measured(INSTALLED),
  ].join('\n')
}

function line(shown: string, cells: Cells, figure: 0 | 1): string {
  const figures = COLUMNS.map((name) => cells[name].split(', ')[figure] ?? '')
  return `| ${shown} |${figures.map((each) => (each === '' ? ' |' : ` ${each} |`)).join('')}`
}

/** Reads the one table of a file in `bench/`. */
function rowsOf(file: string): ReadonlyMap<string, Cells> {
  const lines = readFileSync(join(ROOT, 'bench', file), 'utf8')
    .split('\n')
    .filter((each) => each.startsWith('|'))
  const [header = [], , ...rows] = lines.map((each) =>
    each
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const at = (name: string): number => header.findIndex((cell) => cell.replaceAll('`', '').startsWith(name))
  return new Map(
    rows.map((cells) => [
      cells[0] ?? '',
      Object.fromEntries(COLUMNS.map((name) => [name, cells[at(name)] ?? ''])) as Cells,
    ]),
  )
}

if (process.argv[1] === import.meta.filename) writeCosts()
