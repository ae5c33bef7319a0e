import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * A change to one file of a dependency, applied while it is bundled. The build fails if the file or the text to replace
 * is missing.
 */
export interface Patch {
  /** The end of the file's path, starting with the package's name. */
  readonly file: string
  /** Returns the file's new text. Throws if the text is not the one the patch was written for. */
  readonly change: (code: string) => string
}

/** Why a package is patched, and what would make that unnecessary. */
export interface PatchSet {
  readonly reason: string
  /** The package's issue or pull request; if there is none, the text of the report to write. */
  readonly upstream: string
  /** The test that fails without the patch. */
  readonly test: string
  readonly patches: readonly Patch[]
}

/** Returns the absolute path of a source file of ours as a string literal, for an `import` in a patched file. */
export function ours(file: string): string {
  return JSON.stringify(join(ROOT, file))
}

/** Replaces every occurrence of a text in `file`. `imports` are lines added at the top of the file. */
export function replaced(file: string, from: string, to: string, imports = ''): Patch {
  return {
    file,
    change(code) {
      if (!code.includes(from)) throw new Error(`${file} no longer has ${from}`)
      return imports + code.replaceAll(from, to)
    },
  }
}

/** Replaces a module of a dependency with one of ours that has the same exports. */
export function standsIn(file: string, source: string): Patch {
  return { file, change: () => `export * from ${ours(source)}` }
}

/**
 * Converts a hand-written CommonJS file to an ES module. A CommonJS file that requires OpenTelemetry packages would
 * bring their CommonJS copies into the bundle: twice the code to compile at each start, and a second hook registry.
 */
export function asEsModule(file: string): Patch {
  return {
    file,
    change(code) {
      const imports: string[] = []
      const body = code
        .replace(/^const ((?:\{[^}]*\}|\w+)) = require\(('[^']+')\)$/gm, (_, names: string, from: string) => {
          imports.push(`import ${names.replaceAll(':', ' as')} from ${from}`)
          return ''
        })
        .replace(/require\(('[^']+')\)\.(\w+)/g, (_, from: string, name: string) => {
          imports.push(`import { ${name} } from ${from}`)
          return name
        })
        .replace(/^module\.exports = \w+$/m, '')
        .replace(/^module\.exports\.(\w+) = \1$/m, 'export { $1 }')
      if (/\brequire\(|module\.exports/.test(body)) throw new Error(`${file} is written differently now`)
      return `${imports.join('\n')}\n${body}`
    },
  }
}

/** Does the same with a file that TypeScript compiled to CommonJS. */
export function compiledAsEsModule(file: string): Patch {
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
