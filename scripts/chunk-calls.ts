import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CHUNKS } from '../src/base/chunks.ts'

const ROOT = join(import.meta.dirname, '..')
const CALL = /\bload<typeof import\('([^']+)'\)>\(\s*'([^']+)'\s*,?\s*\)/g

/** Throws if a call of `load()` states no type, or the type of another chunk than the one it names. */
export function checkChunkCalls(): void {
  for (const file of globSync('src/**/*.ts', { cwd: ROOT })) {
    const code = readFileSync(join(ROOT, file), 'utf8')
    const calls = [...code.matchAll(CALL)]
    for (const [call, type = '', name = ''] of calls) {
      const stated = join(dirname(file), type)
      if ((CHUNKS as Readonly<Record<string, string>>)[name] !== stated) {
        throw new Error(`${file}: ${call} states ${stated}, which is not the chunk "${name}" of src/base/chunks.ts`)
      }
    }
    const imports = /import \{[^}]*\bload\b[^}]*\} from '[./]*base\/chunks\.ts'/.test(code)
    const all = [...code.matchAll(/\bload(?:<|\(\s*')/g)].length
    if (imports && all !== calls.length) throw new Error(`${file}: a call of load() does not state its chunk's type`)
  }
}
