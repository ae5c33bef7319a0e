import { followLinks } from './follow-links.ts'
import type { Invocation } from './guardrails.ts'
import { namesSnapshot } from './startup-snapshot.ts'

export interface InvocationInput {
  readonly mainScript: string | undefined
  readonly execArgv: readonly string[]
  /** The script's own arguments. */
  readonly args?: readonly string[]
  readonly realPath: (path: string) => string
  readonly env?: Readonly<Record<string, string | undefined>>
}

const EVAL = /^(?:-e|-p|-pe|--eval|--print)(?:=|$)/
/** Matches `@paxx/obs/register` by name, or by path in a checkout or a copy of the package. */
const PRELOAD = /(?:paxx[/\\]obs|[/\\]register[/\\]index\.cjs$)/

export function readInvocation({ mainScript, execArgv, args, realPath, env = {} }: InvocationInput): Invocation {
  const command = args?.[0]
  return {
    main: mainOf(mainScript, execArgv, realPath),
    ...(command === undefined ? {} : { command }),
    checksOnly: execArgv.includes('-c') || execArgv.includes('--check'),
    asked: execArgv.some((flag) => PRELOAD.test(flag)) && !isCopied(env),
    ...(runsTests(execArgv, env) ? { runsTests: true } : {}),
  }
}

/** `node --test` starts each file with all of its own options, including those of `NODE_OPTIONS`. */
function isCopied({ NODE_TEST_CONTEXT, NODE_OPTIONS = '' }: NonNullable<InvocationInput['env']>): boolean {
  return NODE_TEST_CONTEXT !== undefined && PRELOAD.test(NODE_OPTIONS)
}

/**
 * Workers of Jest and Vitest run in packages that apps use for their own pools, so they are recognised by the variables
 * that the runners set.
 */
function runsTests(execArgv: readonly string[], env: NonNullable<InvocationInput['env']>): boolean {
  if (execArgv.includes('--test') || env['NODE_TEST_CONTEXT'] !== undefined) return true
  if (env['VITEST'] !== undefined) return true
  return env['JEST_WORKER_ID'] !== undefined && env['NODE_ENV'] === 'test'
}

function mainOf(
  mainScript: string | undefined,
  execArgv: readonly string[],
  realPath: (path: string) => string,
): string {
  if (execArgv.some((flag) => EVAL.test(flag))) return '[eval]'
  if (mainScript === undefined) {
    if (namesSnapshot(execArgv)) return '[snapshot]'
    const interactive = execArgv.includes('-i') || execArgv.includes('--interactive')
    // Loaded only here: with node:net, which it requires, it costs more than everything else in a process that is not
    // instrumented.
    return interactive || process.getBuiltinModule('node:tty').isatty(0) ? '[repl]' : '[stdin]'
  }
  return mainScript === '-' ? '[stdin]' : followLinks(mainScript, realPath)
}
