import { lambdaHandler } from './lambda.ts'
import type { Invocation } from './guardrails.ts'
import { type InvocationInput, readInvocation } from './invocation.ts'

/** What is true of this process before any setting is read. Plain data: decisions are pure functions over it. */
export interface Facts {
  readonly nodeVersion: string
  /** Absolute path of the script that node was asked to run; undefined for `-e`, `-p`, the REPL and stdin. */
  readonly mainScript: string | undefined
  readonly invocation: Invocation
  /** The app is inside of the Node that runs it, which is then the main script, too. */
  readonly isSingleExecutable: boolean
  /** File of the handler, where this is an AWS Lambda function. */
  readonly lambdaHandler: string | undefined
  /** Someone registered a tracer or meter provider with the OpenTelemetry API before us. */
  readonly otherSdk: boolean
}

export interface FactsInput extends InvocationInput {
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The API's registry, the same for every copy of `@opentelemetry/api` 1.x (api/src/internal/global-utils.ts). */
const API_REGISTRY = Symbol.for('opentelemetry.js.api.1')

export function readFacts(input: FactsInput): Facts {
  const { env, mainScript } = input
  const registry = (globalThis as Record<symbol, unknown>)[API_REGISTRY] as Record<string, unknown> | undefined
  return Object.freeze({
    nodeVersion: process.versions.node,
    mainScript,
    invocation: readInvocation(input),
    isSingleExecutable: mainScript !== undefined && mainScript === process.execPath,
    lambdaHandler: lambdaHandler(env)?.file,
    otherSdk: registry?.['trace'] !== undefined || registry?.['metrics'] !== undefined,
  })
}

/**
 * Without `node:worker_threads`, which costs every start a millisecond or more: what a worker (node's own threads for module
 * hooks included) may not do, node marks as disabled there (lib/internal/process/worker_thread_only.js).
 */
export function isMainThread(): boolean {
  return (process.chdir as { readonly disabled?: boolean }).disabled !== true
}

/**
 * Whether `module.registerHooks()` accepts the nullish CommonJS source that a load hook of ours passes on
 * (https://github.com/nodejs/node/pull/59929); elsewhere ESM is hooked through `module.register()`.
 */
export function supportsSyncLoadHooks(nodeVersion: string): boolean {
  const [major = 0, minor = 0, patch = 0] = nodeVersion.split('.').map((part) => Number.parseInt(part, 10))
  if (major >= 26) return true
  if (major === 25) return minor >= 1
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1)
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 3)
  return false
}
