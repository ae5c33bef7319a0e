import type { ResolveHookContext } from 'node:module'

/**
 * Conditions that Yarn's Plug'n'Play must not see. Once a resolve hook is registered, Node.js passes its own conditions
 * to `Module._resolveFilename`, and Plug'n'Play uses them instead of its usual two. Packages then resolve to their ES
 * module (`module-sync`), which Node.js cannot read from Yarn's archives without Yarn's loader.
 */
const NOT_WITH_PLUG_N_PLAY: ReadonlySet<string> = new Set(['module-sync', 'node-addons'])

/**
 * Returns the context of a `require` with the conditions that Plug'n'Play has without hooks. Without Plug'n'Play,
 * returns the same context.
 */
export function asPlugnplayRequires(context: ResolveHookContext): ResolveHookContext {
  if (process.versions['pnp'] === undefined) return context
  const { conditions } = context
  const fewer = [...conditions].filter((condition) => !NOT_WITH_PLUG_N_PLAY.has(condition))
  // Node 22.15 uses a Set, and accepts nothing else.
  return { ...context, conditions: Array.isArray(conditions) ? fewer : (new Set(fewer) as unknown as string[]) }
}
