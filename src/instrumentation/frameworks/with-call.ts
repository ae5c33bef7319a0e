import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, compileFunction } from 'node:vm'
import { warn } from '../../base/diag.ts'

interface LoadedModule {
  readonly filename: string
  readonly exports: unknown
}

interface Call {
  /** The end of a line of the file, which occurs once. */
  readonly after: RegExp
  /** The arguments of the call, names that are known there. */
  readonly args: string
  readonly observe: (...args: never[]) => void
}

/**
 * Evaluates a CommonJS file of a library again, with a call of `observe` at the end of one of its lines, and returns the
 * new exports. This is how a value is seen that the library only passes to a function of the app: a function around
 * that one would be in its stacks, which name the file's own lines and columns this way. Returns the given exports if the
 * file is not loaded. If its text is another, one line is logged as well.
 */
export function withCall<Exports extends object>(exports: Exports, { after, args, observe }: Call): Exports {
  const loaded = Object.values(require.cache).find((each) => each?.exports === exports) as LoadedModule | undefined
  if (loaded === undefined) return exports
  const { filename } = loaded
  const text = readFileSync(filename, 'utf8')
  if (text.match(new RegExp(after, 'gm'))?.length !== 1) {
    warn(`exceptions that reach ${filename} are not recorded: the file differs from those of supported releases`)
    return exports
  }
  const changed = text.replace(new RegExp(after, 'm'), (line) => `${line} ${OBSERVE}(${args})`)
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname', OBSERVE]
  const evaluate = compileFunction(changed, parameters, {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (...given: unknown[]) => void
  const own = Object.create(loaded, { exports: { value: {}, writable: true, enumerable: true } }) as LoadedModule
  const folder = filename.slice(0, Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')))
  evaluate.call(own.exports, own.exports, createRequire(filename), own, filename, folder, observe)
  return own.exports as Exports
}

const OBSERVE = '__obsObserve'
