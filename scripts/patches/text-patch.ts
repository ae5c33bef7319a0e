import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * A change to one file of a dependency, applied while it is bundled. The build fails if the file or the text to replace
 * is missing.
 */
export interface Change {
  /** The end of the file's path, starting with the package's name. */
  readonly file: string
  /** Returns the file's new text. Throws if the text is not the one that the change was written for. */
  readonly change: (code: string) => string
}

/** The changes to a package that have one reason, and what would make them unnecessary. */
export interface Patch {
  /** The package and what is changed. `node scripts/unpatched.ts NAME` builds without it and runs its test. */
  readonly name: string
  readonly reason: string
  /** The package's issue or pull request; if there is none, the text of the report to write. */
  readonly upstream: string
  /** The test that fails without the patch: a test file, or a program that `test/transparency/` compares with bare Node.js. */
  readonly test: string
  readonly changes: readonly Change[]
}

/** Returns the absolute path of a source file of ours as a string literal, for an `import` in a patched file. */
export function ours(file: string): string {
  return JSON.stringify(join(ROOT, file))
}

/** Replaces every occurrence of a text in `file`. `imports` are lines added at the top of the file. */
export function replaced(file: string, from: string, to: string, imports = ''): Change {
  return {
    file,
    change(code) {
      if (!code.includes(from)) throw new Error(`${file} no longer has ${from}`)
      return imports + code.replaceAll(from, to)
    },
  }
}

/** Replaces a module of a dependency with one of ours that has the same exports. */
export function standsIn(file: string, source: string): Change {
  return { file, change: () => `export * from ${ours(source)}` }
}

/**
 * Converts a file that TypeScript compiled to CommonJS to an ES module. A CommonJS file that requires OpenTelemetry
 * packages would bring their CommonJS copies into the bundle: twice the code to compile at each start, and a second hook
 * registry.
 */
export function compiledAsEsModule(file: string): Change {
  return {
    file,
    change(code) {
      const names = new Set([...code.matchAll(/\bexports\.(\w+) = /g)].map(([, name = '']) => name))
      const body = code
        .replace('Object.defineProperty(exports, "__esModule", { value: true });', 'const exported = {};')
        .replace(/^const (\w+) = require\(("[^"]+")\);$/gm, (_, name: string, from: string) =>
          name.endsWith('_1') ? `import * as ${name} from ${from};` : `import ${name} from ${from};`,
        )
        .replaceAll(/\bexports\./g, 'exported.')
      if (/\brequire\(|\bexports\b/.test(body)) throw new Error(`${file} is written differently now`)
      const exports = [...names].map(
        (name) => `const exported_${name} = exported.${name};\nexport { exported_${name} as ${name} };`,
      )
      return [body, ...exports].join('\n')
    },
  }
}
