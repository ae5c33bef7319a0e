import { join } from 'node:path'
import type { Plugin } from 'rolldown'
import { type CatalogSource, catalogSources } from './catalog.ts'
import { CLIENTS, CLIENTS_FOLDER } from './client-descriptors.ts'

const ROOT = join(import.meta.dirname, '..')
const PREFIX = '\0instrumentation:'
const ENTRY = /^\0instrumentation:/

/** The instrumentations that have a class of ours in place of upstream's. Most of these extend it. */
const OURS: Readonly<Record<string, { readonly from: string; readonly className: string }>> = {
  'aws-sdk': ours('messaging/aws-sdk', 'TransparentAwsInstrumentation'),
  'aws-lambda': ours('lambda/lambda', 'LambdaInstrumentation'),
  openai: ours('models/openai', 'TransparentOpenAIInstrumentation'),
  'socket.io': ours('messaging/socket.io', 'TransparentSocketIoInstrumentation'),
  'lru-memoizer': ours('caches/lru-memoizer', 'TransparentLruMemoizerInstrumentation'),
}

/** Returns the build entries: a chunk `instrumentation-<name>` for each instrumentation of the catalog. */
export function instrumentationEntries(): Record<string, string> {
  return Object.fromEntries(catalogSources().map(({ name }) => [`instrumentation-${name}`, PREFIX + name]))
}

const MAKER = join(ROOT, 'src/instrumentation/operations/client-instrumentation.ts')

function chunkOf({ name, from, className }: CatalogSource): string {
  const descriptor = JSON.stringify(join(CLIENTS_FOLDER, `${name}.ts`))
  const described = CLIENTS.has(name) ? `export { client } from ${descriptor}\n` : ''
  if (from !== undefined) return `${described}export { ${className} as Instrumentation } from ${JSON.stringify(from)}`
  return `import { clientInstrumentation } from ${JSON.stringify(MAKER)}
import { client } from ${descriptor}
export { client }
export const Instrumentation = clientInstrumentation(${JSON.stringify(name)}, client)`
}

/** Makes each of these chunks export its class as `Instrumentation`, and its descriptor if it has one. */
export const instrumentationChunks: Plugin = {
  name: 'instrumentation-chunks',
  resolveId: { filter: { id: ENTRY }, handler: (id) => id },
  load: {
    filter: { id: ENTRY },
    handler(id) {
      const wanted = id.slice(PREFIX.length)
      const source = catalogSources().find(({ name }) => name === wanted)
      if (source === undefined) throw new Error(`no instrumentation ${id}`)
      return chunkOf({ ...source, ...OURS[wanted] })
    },
  },
}

function ours(file: string, className: string): { readonly from: string; readonly className: string } {
  return { from: join(ROOT, 'src/instrumentation', `${file}.ts`), className }
}
