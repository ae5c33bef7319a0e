import { join } from 'node:path'
import type { Plugin } from 'rolldown'

const BASE = join(import.meta.dirname, '..', 'src/base')
const FILE = join(BASE, 'primordials.ts')

/** The globals for which the bundle uses the values captured when the preload loaded. */
// oxfmt-ignore
export const TAKEN: readonly string[] = [
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'queueMicrotask',
  'structuredClone', 'performance', 'process', 'Buffer', 'Date', 'Map', 'Set', 'WeakMap', 'WeakSet',
  'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController',
  'Reflect', 'Atomics', 'BigInt', 'WeakRef', 'Proxy', 'SharedArrayBuffer',
  'parseInt', 'isNaN', 'encodeURIComponent', 'decodeURIComponent',
]

/** Does the same for methods: the expression in the sources, and the name of the export. */
export const TAKEN_METHODS: Readonly<Record<string, string>> = {
  'Date.now': 'dateNow',
  'JSON.parse': 'jsonParse',
  'JSON.stringify': 'jsonStringify',
  'Math.random': 'mathRandom',
  'Object.defineProperty': 'defineProperty',
}

/** For the bundler, which imports these into files that use the global. */
export const INJECTED: Readonly<Record<string, [file: string, name: string]>> = {
  ...Object.fromEntries(
    [...TAKEN.map((name) => [name, name] as const), ...Object.entries(TAKEN_METHODS)].map(([global, name]) => [
      global,
      [FILE, name] satisfies [string, string],
    ]),
  ),
  performance: [join(BASE, 'clock.ts'), 'performance'],
}

/**
 * The bundler makes each module that uses these exports call their initialisation. They are in the chunk that every
 * start loads first and that initialises itself, so the hundreds of other calls would only be text to parse.
 */
export const initializedOnce: Plugin = {
  name: 'primordials are initialized once',
  renderChunk: (code) =>
    code
      .replaceAll(/^\t*require_base\.init_primordials\(\);\n/gm, '')
      // Initialised where it is written, which needs no function of the bundler.
      .replace(
        'init_primordials = require_rolldown_runtime.__esmMin(',
        'init_primordials = ((take) => (take(), () => {}))(',
      ),
}
