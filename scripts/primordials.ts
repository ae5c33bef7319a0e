import { join } from 'node:path'
import type { Plugin } from 'rolldown'

const FILE = join(import.meta.dirname, '..', 'src/base/primordials.ts')

/** Globals of which the bundle uses what they were when the preload loaded. */
// oxfmt-ignore
export const TAKEN: readonly string[] = [
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'queueMicrotask',
  'structuredClone', 'performance', 'process', 'Buffer', 'Date', 'Map', 'Set', 'WeakMap', 'WeakSet',
  'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder',
]

/** The same of methods: as they are written, and the name of the export. */
export const TAKEN_METHODS: Readonly<Record<string, string>> = {
  'Date.now': 'dateNow',
  'JSON.parse': 'jsonParse',
  'JSON.stringify': 'jsonStringify',
  'Math.random': 'mathRandom',
}

/** For the bundler, which imports these where a file uses the global. */
export const INJECTED: Readonly<Record<string, [file: string, name: string]>> = Object.fromEntries(
  [...TAKEN.map((name) => [name, name] as const), ...Object.entries(TAKEN_METHODS)].map(([global, name]) => [
    global,
    [FILE, name] satisfies [string, string],
  ]),
)

/**
 * The bundler has each module that uses them call for their initialization. They are in the chunk that every start loads
 * first and that calls for it itself, so the hundreds of other calls are only text to be parsed.
 */
export const initializedOnce: Plugin = {
  name: 'primordials are initialized once',
  renderChunk: (code) => code.replaceAll(/^\t*require_base\.init_primordials\(\);\n/gm, ''),
}
