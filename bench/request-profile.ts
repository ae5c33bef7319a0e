import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** A function of a CPU profile, with the time that it took itself. */
export interface ProfiledFunction {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
  readonly micros: number
}

/** The parts of a request, and the classes and functions of `dist/` that belong to each. The first match counts. */
const PARTS: readonly (readonly [part: string, of: RegExp])[] = [
  ['encoding of spans', /^span-encoder\.cjs |WireWriter|Redaction/],
  ['queue, hand-over to the export worker', /Batcher|BatchingSpanProcessor|ExportClient|Ledger|RecentBatches/],
  ['context', /ContextManager|ListedContext|enterContext|enterIn|ContextAPI|NodeContext/],
  ['metrics', /Storage|Metric|Histogram|SeriesIndex|Step |Exemplar|Aggregat|Accumulation|Counter|Active/],
  ['ids', /SpanIdentity|RandomIds/],
  ['span', /DeferredSpan|DeferredTracer|Sampler|TracerMetrics|QuietSpan|UnrecordedSpan|later|endAs/],
  ['propagation', /Propagat|TraceState|TraceContext|inject|extract/],
  ['framework', /^(?:shared-frameworks|instrumentation-(?:express|fastify|router))\.cjs /],
  ['outgoing requests', /Client|Destination|CallOf|Fetch|UNDICI|targetOf|portOf|authorityOf|observeReads|Target/],
  ['incoming requests', /^(?:shared-http|instrumentation-http)\.cjs /],
]
const OTHER = 'other functions of this package'
const COLLECTION = 'garbage collection'

/** Returns the time of each part, as a percentage of the time of Node.js and the app in the same process. */
function sharesOf(functions: readonly ProfiledFunction[]): ReadonlyMap<string, number> {
  const micros = new Map<string, number>()
  for (const each of functions) {
    const part = partOf(each)
    if (part !== undefined) micros.set(part, (micros.get(part) ?? 0) + each.micros)
  }
  const rest = micros.get(REST) ?? Number.NaN
  micros.delete(REST)
  return new Map([...micros].map(([part, of]) => [part, (100 * of) / rest]))
}

const REST = ''

function partOf({ functionName, url, lineNumber }: ProfiledFunction): string | undefined {
  if (functionName === '(idle)' || functionName === '(root)') return undefined
  if (functionName === '(garbage collector)') return COLLECTION
  const at = url.indexOf('/dist/')
  if (at === -1 || url.includes('/node_modules/')) return REST
  const where = `${basename(url)} ${declarationAt(url, lineNumber)} ${functionName}`
  return PARTS.find(([, of]) => of.test(where))?.[0] ?? OTHER
}

const linesOf = new Map<string, readonly string[]>()

/** Returns the name of the class or function at the top level of a file that contains a line. */
function declarationAt(url: string, lineNumber: number): string {
  let lines = linesOf.get(url)
  if (lines === undefined) {
    lines = readFileSync(url.replace('file://', ''), 'utf8').split('\n')
    linesOf.set(url, lines)
  }
  for (let i = lineNumber; i >= 0; i--) {
    const name = /^(?:async )?(?:class|function|const|let|var) (\w+)/.exec(lines[i] ?? '')?.[1]
    if (name !== undefined) return name
  }
  return ''
}

/** Returns the rows of a table: the parts of a request, the most expensive first, and of bare Node.js. */
export function profileTable(obs: readonly ProfiledFunction[], bare: readonly ProfiledFunction[]): string {
  const without = sharesOf(bare)
  const rows = [...sharesOf(obs)].toSorted(([, one], [, other]) => other - one)
  return rows
    .filter(([, share]) => share >= 0.1)
    .map(([part, share]) => `| ${part} | ${share.toFixed(1)} | ${(without.get(part) ?? 0).toFixed(1)} |`)
    .join('\n')
}
