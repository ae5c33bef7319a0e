import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from 'node:module'
import { isOthersWrapper, isOwnWrapper, sourceToNode, toCopy, toNode } from './wrapper-marks.ts'

/** The format of what one of our wrappers imports, for hooks that would wrap it once more: they leave unknown formats alone. */
const AS_IT_IS = 'obs-as-it-is:'

/**
 * What has to be remembered between the hooks: wrappers by their URL. An import-in-the-middle forgets under which name a module
 * was imported once it has made the wrapper's source, so where two wrap each other, each of them is asked once.
 */
export class Wrapping {
  readonly #formats = new Map<string, string | null | undefined>()
  readonly #sources = new Map<string, LoadFnOutput>()
  readonly #wrappedAgain = new Set<string>()

  /** What needs nobody else's word: undefined where the next hooks have to be asked. */
  resolvedAlready(specifier: string, parentUrl: string): ResolveFnOutput | undefined {
    if (!this.#formats.has(specifier)) return undefined
    const isOwn = isOwnWrapper(specifier)
    if (isOwn ? !isOthersWrapper(parentUrl) : !isOwnWrapper(parentUrl)) return undefined
    // Another one, which is asked before us, has wrapped our wrapper, and imports it now.
    if (isOwn) this.#wrappedAgain.add(specifier)
    return { url: specifier, format: this.#formats.get(specifier), shortCircuit: true }
  }

  /** Of the next hooks: another one's wrapper that ours will import. */
  resolvedByNext(resolved: ResolveFnOutput): ResolveFnOutput {
    if (isOthersWrapper(resolved.url)) this.#formats.set(resolved.url, resolved.format)
    return { ...resolved, url: toCopy(resolved.url) }
  }

  /** Whether it is the other's wrapper that imports what is in it: wrapped by us already, or not to be wrapped. */
  isInsideOthers(specifier: string, parentUrl: string): boolean {
    return isOthersWrapper(parentUrl) && !isOwnWrapper(specifier)
  }

  /** `result` is what our copy of import-in-the-middle gave. */
  resolved(result: ResolveFnOutput, parentUrl: string): ResolveFnOutput {
    const url = toNode(result.url)
    if (isOwnWrapper(url)) this.#formats.set(url, result.format)
    if (!this.#wrappedAgain.has(parentUrl)) return { ...result, url }
    return { ...result, url, format: `${AS_IT_IS}${result.format ?? ''}` }
  }

  /** What our copy must not see. */
  isLeftAlone(url: string): boolean {
    // Another hook made this URL of a wrapper's, as `mock.module()` of node:test does: what it loads there is its matter.
    return isOwnWrapper(url) && !this.#formats.has(url)
  }

  loadedAlready(url: string): LoadFnOutput | undefined {
    return this.#sources.get(url)
  }

  /** Of our copy, which is told what the next hooks load as well. */
  loaded(url: string, result: LoadFnOutput): LoadFnOutput {
    const isWrapper = isOwnWrapper(url)
    if (typeof result.source !== 'string') return result
    const given = { ...result, source: sourceToNode(result.source, isWrapper) }
    if (isWrapper) this.#sources.set(url, { ...given, shortCircuit: true })
    return given
  }

  loadedByNext(url: string, result: LoadFnOutput): LoadFnOutput {
    if (isOthersWrapper(url)) this.#sources.set(url, { ...result, shortCircuit: true })
    return result
  }
}

export function resolveContextToCopy(context: ResolveHookContext): ResolveHookContext {
  return context.parentURL === undefined ? context : { ...context, parentURL: toCopy(context.parentURL) }
}

export function resolveContextToNode<Context extends Partial<ResolveHookContext>>(
  context: Context | undefined,
): Context | undefined {
  return context?.parentURL === undefined ? context : { ...context, parentURL: toNode(context.parentURL) }
}

/** The format that the module has, where a hook left our word for it. */
export function loadContextOf(context: LoadHookContext): LoadHookContext {
  if (context.format?.startsWith(AS_IT_IS) !== true) return context
  const format = context.format.slice(AS_IT_IS.length)
  return { ...context, format: format === '' ? undefined : format }
}
