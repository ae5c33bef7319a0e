import { lambdaHandler } from './lambda-environment.ts'
import type { Invocation } from './guardrails.ts'
import { type InvocationInput, readInvocation } from './invocation.ts'
import { isFromSnapshot } from './startup-snapshot.ts'

/**
 * The facts about this process that are known before any setting is read, as plain data: decisions are pure functions
 * of them.
 */
export interface Facts {
  readonly nodeVersion: string
  /** The absolute path of the script that Node.js runs; undefined for `-e`, `-p`, the REPL and stdin. */
  readonly mainScript: string | undefined
  readonly invocation: Invocation
  /**
   * Whether the app's `require` returns only builtins, without calling hooks: in a single executable application and in
   * a process that starts from a snapshot.
   */
  readonly requiresBuiltinsAlone: boolean
  /** The handler's file when this is an AWS Lambda function. */
  readonly lambdaHandler: string | undefined
  /** Whether a tracer or meter provider was registered with the OpenTelemetry API before us. */
  readonly otherSdk: boolean
}

export interface FactsInput extends InvocationInput {
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The API's registry, shared by every copy of `@opentelemetry/api` 1.x (api/src/internal/global-utils.ts). */
export const API_REGISTRY: symbol = Symbol.for('opentelemetry.js.api.1')

export function readFacts(input: FactsInput): Facts {
  const { env, mainScript } = input
  const registry = (globalThis as Record<symbol, unknown>)[API_REGISTRY] as Record<string, unknown> | undefined
  return Object.freeze({
    nodeVersion: process.versions.node,
    mainScript,
    invocation: readInvocation(input),
    requiresBuiltinsAlone: isFromSnapshot() || mainScript === process.execPath,
    lambdaHandler: lambdaHandler(env)?.file,
    otherSdk: registry?.['trace'] !== undefined || registry?.['metrics'] !== undefined,
  })
}

/**
 * Returns whether this is the main thread, without loading `node:worker_threads`, which costs a millisecond or more.
 * Node.js marks functions that are unavailable in workers, its thread for module hooks included
 * (lib/internal/process/worker_thread_only.js).
 */
export function isMainThread(): boolean {
  return (process.chdir as { readonly disabled?: boolean }).disabled !== true
}

/**
 * Returns whether `module.registerHooks()` accepts the nullish CommonJS source that our load hook passes on
 * (https://github.com/nodejs/node/pull/59929). Otherwise ESM is hooked through `module.register()`.
 */
export function supportsSyncLoadHooks(nodeVersion: string): boolean {
  const [major = 0, minor = 0, patch = 0] = nodeVersion.split('.').map((part) => Number.parseInt(part, 10))
  if (major >= 26) return true
  if (major === 25) return minor >= 1
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1)
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 3)
  return false
}
