import { markOf } from './marked.ts'

interface LoaderContext {
  readonly resourcePath: string
  callback(error: null, code: string, map?: unknown): void
}

/** The loader that the webpack plugin runs before all others. */
module.exports = function mark(this: LoaderContext, code: string, map?: unknown): void {
  this.callback(null, code + (markOf(this.resourcePath, () => code) ?? ''), map)
}
