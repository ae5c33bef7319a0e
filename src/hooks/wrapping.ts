import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from 'node:module'
import { isOthersWrapper, isOwnWrapper, sourceToNode, toCopy, toNode } from './wrapper-marks.ts'

/** The format of what one of our wrappers imports. Other hooks ignore unknown formats and so do not wrap it again. */
const AS_IT_IS = 'obs-as-it-is:'

/**
 * The state shared by the hooks, by the URL of wrappers. An import-in-the-middle forgets the specifier of a module once
 * it has generated the wrapper's source, so when two wrap each other, each is asked only once.
 */
export class Wrapping {
  readonly #formats = new Map<string, string | null | undefined>()
  readonly #sources = new Map<string, LoadFnOutput>()
  readonly #wrappedAgain = new Set<string>()

  /** Returns the result if it is known without the next hooks; undefined if these have to be called. */
  resolvedAlready(specifier: string, parentUrl: string): ResolveFnOutput | undefined {
    if (!this.#formats.has(specifier)) return undefined
    const isOwn = isOwnWrapper(specifier)
    if (isOwn ? !isOthersWrapper(parentUrl) : !isOwnWrapper(parentUrl)) return undefined
    // Another copy, which is asked before us, has wrapped our wrapper and now imports it.
    if (isOwn) this.#wrappedAgain.add(specifier)
    return { url: specifier, format: this.#formats.get(specifier), shortCircuit: true }
  }

  /** Records the result of the next hooks: our wrapper may import another copy's wrapper. */
  resolvedByNext(resolved: ResolveFnOutput): ResolveFnOutput {
    if (isOthersWrapper(resolved.url)) this.#formats.set(resolved.url, resolved.format)
    return { ...resolved, url: toCopy(resolved.url) }
  }

  /** Returns whether another copy's wrapper imports its module, which we have wrapped already or do not wrap. */
  isInsideOthers(specifier: string, parentUrl: string): boolean {
    return isOthersWrapper(parentUrl) && !isOwnWrapper(specifier)
  }

  /** Converts the result of our copy of import-in-the-middle. */
  resolved(result: ResolveFnOutput, parentUrl: string): ResolveFnOutput {
    const url = toNode(result.url)
    if (isOwnWrapper(url)) this.#formats.set(url, result.format)
    if (!this.#wrappedAgain.has(parentUrl)) return { ...result, url }
    return { ...result, url, format: `${AS_IT_IS}${result.format ?? ''}` }
  }

  /** Returns whether our copy must not see a URL. */
  isLeftAlone(url: string): boolean {
    // Another hook made this URL from a wrapper's, like `mock.module()` of node:test, and is responsible for loading
    // it.
    return isOwnWrapper(url) && !this.#formats.has(url)
  }

  loadedAlready(url: string): LoadFnOutput | undefined {
    return this.#sources.get(url)
  }

  /** Converts the result of our copy, which also sees what the next hooks load. */
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

/** Restores the module's format where it was replaced by ours. */
export function loadContextOf(context: LoadHookContext): LoadHookContext {
  if (context.format?.startsWith(AS_IT_IS) !== true) return context
  const format = context.format.slice(AS_IT_IS.length)
  return { ...context, format: format === '' ? undefined : format }
}
