import type { ResolveHookContext } from 'node:module'

/**
 * Once a resolve hook is registered, Node hands its own conditions to `Module._resolveFilename`, and Yarn's Plug'n'Play uses
 * them in place of the two that it resolves `require` with otherwise. Packages then give their ES module (`module-sync`), which
 * Node cannot read from Yarn's archives unless Yarn's loader is registered too.
 */
const NOT_WITH_PLUG_N_PLAY: ReadonlySet<string> = new Set(['module-sync', 'node-addons'])

/** The context of a `require` with the conditions that Plug'n'Play has without hooks; the same context without Plug'n'Play. */
export function asPlugnplayRequires(context: ResolveHookContext): ResolveHookContext {
  if (process.versions['pnp'] === undefined) return context
  const { conditions } = context
  const fewer = [...conditions].filter((condition) => !NOT_WITH_PLUG_N_PLAY.has(condition))
  // Node 22.15 gives a Set, and takes nothing else.
  return { ...context, conditions: Array.isArray(conditions) ? fewer : (new Set(fewer) as unknown as string[]) }
}
