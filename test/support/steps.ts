import { Session } from 'node:inspector'
import { setFlagsFromString } from 'node:v8'

// Optimised code does not count its blocks.
for (const flag of ['--no-turbofan', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag)

type Method = (this: unknown, ...args: unknown[]) => unknown

/** The number of characters that the engine itself reads of a text in one call, in the worst case. */
const COSTS: readonly (readonly [
  prototype: object,
  method: string | symbol,
  cost: (self: never, args: never) => number,
])[] = [
  ...(['indexOf', 'includes', 'replace', 'replaceAll', 'split'] as const).map(
    (method) => [String.prototype, method, searchCost] as const,
  ),
  [RegExp.prototype, 'exec', execCost],
]

/** Expressions that were created at run time, not from literals. */
const made = new WeakSet<RegExp>()
/** The cost of creating one, in characters read. */
const MAKING_COST = 2000

/** Literals are known to be linear (regular-expressions.test.ts). */
function execCost(self: RegExp, [text]: [string]): number {
  const from = self.global || self.sticky ? self.lastIndex : 0
  const match = exec.call(self, text)
  self.lastIndex = from
  // An expression created at run time has not been checked, so it is assumed to backtrack.
  if (made.has(self)) return (text.length - from) ** 2
  if (self.sticky) return 16
  return match === null ? text.length - from : match.index + match[0].length - from
}

/** The engine compares a long needle at each position. */
function searchCost(self: string, [needle, from]: [unknown, unknown]): number {
  if (typeof needle !== 'string') return 0
  const start = typeof from === 'number' ? from : 0
  const found = String.prototype.startsWith.call(self, needle, start) ? start : positionOf(self, needle, start)
  const read = (found === -1 ? self.length : found) - start
  return Math.max(1, read) * (needle.length > 16 ? needle.length : 1)
}

const { indexOf } = String.prototype
const { exec } = RegExp.prototype
function positionOf(text: string, needle: string, start: number): number {
  return indexOf.call(text, needle, start)
}

/**
 * Returns how much `work` does: how often each block of our code and of the code it calls ran, plus the characters that
 * the engine's own functions read for it. Unlike time, this is the same on every machine.
 */
export function stepsOf(work: () => void): number {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  let characters = 0
  const originals = COSTS.map(([prototype, name, cost]) => {
    const original = Reflect.get(prototype, name) as Method
    Reflect.set(prototype, name, function (this: never, ...args: never) {
      characters += cost(this, args)
      return original.apply(this, args)
    })
    return { prototype, name, original }
  })
  const PlainMap = globalThis.Map
  globalThis.Map = class<Key, Value> extends PlainMap<Key, Value> {
    constructor(entries?: Iterable<readonly [Key, Value]> | null) {
      super(entries)
      characters += this.size
    }
  } as MapConstructor
  const PlainRegExp = globalThis.RegExp
  globalThis.RegExp = new Proxy(PlainRegExp, {
    construct(target, args) {
      const expression = new target(...(args as [string, string]))
      made.add(expression)
      characters += MAKING_COST
      return expression
    },
  })
  try {
    work()
  } finally {
    globalThis.Map = PlainMap
    globalThis.RegExp = PlainRegExp
    for (const { prototype, name, original } of originals) Reflect.set(prototype, name, original)
  }
  let blocks = 0
  session.post('Profiler.takePreciseCoverage', (failed, coverage) => {
    if (failed !== null) throw failed
    for (const { url, functions } of coverage.result) {
      if (!/\/src\/|\/node_modules\/(?:re2js|yaml|dotenv)\//.test(url)) continue
      for (const { ranges } of functions) for (const { count } of ranges) blocks += count
    }
  })
  session.post('Profiler.stopPreciseCoverage')
  session.disconnect()
  return blocks + characters
}
