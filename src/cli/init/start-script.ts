export const PRELOAD = '@paxx/obs/register'
const FLAG = `--import ${PRELOAD}`
/**
 * With any `--import`, Node.js loads the main script as an ES module, and compilers that hook `require` do not see it.
 */
const REQUIRE_FLAG = `--require ${PRELOAD}`

export type StartScript =
  | { readonly script: string }
  | { readonly already: true }
  /** The script contains no Node.js command that takes flags. */
  | { readonly unknown: true }

/** Longer scripts are not edited, since parts of a script are scanned more than once. */
const MAX_SCRIPT_CHARS = 8192

/** Matches what may precede `node` in a command: variables, and programs that run another program. */
const BEFORE_NODE =
  /^\s*(?:(?:exec|env|cross-env|cross-env-shell|dotenvx?(?:\s+(?!--\s)\S+)*?\s+--|[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"']*))\s+)*$/

/** Matches `-r ts-node/register`, `--require=@swc-node/register`, `-r esbuild-register`, `-r tsx/cjs`. */
const REQUIRE_COMPILER = /(?:^|\s)(?:-r|--require)[\s=]+["']?(?:\S*\/register|\S*-register|tsx\/cjs)\b/

/**
 * Returns whether a script uses a compiler that hooks `require`, which any `--import` keeps from seeing the main script.
 */
export function needsRequireFlag(script: string): boolean {
  if (script.length > MAX_SCRIPT_CHARS) return false
  return REQUIRE_COMPILER.test(script) || /(?:^|[\s;&|(])ts-node\s/.test(script)
}

export interface StartContext {
  /** Whether `cross-env` is a dependency. */
  readonly hasCrossEnv?: boolean
  /** Yarn Plug'n'Play resolves packages for `require` only, unless its ES module loader is enabled. */
  readonly plugnplay?: boolean
}

/** Returns the script with the flag after its last `node` (or `tsx`, `ts-node`). Earlier commands build or migrate. */
export function withPreload(script: string, { hasCrossEnv = false, plugnplay = false }: StartContext): StartScript {
  if (script.includes(PRELOAD)) return { already: true }
  if (script.length > MAX_SCRIPT_CHARS) return { unknown: true }
  const at = lastRunner(script)
  if (at !== undefined) {
    const [before, after] = [script.slice(0, at), script.slice(at)]
    const flag = plugnplay || before.endsWith('ts-node') || REQUIRE_COMPILER.test(after) ? REQUIRE_FLAG : FLAG
    return { script: `${before} ${flag}${after}` }
  }
  // The start commands of frameworks do not accept flags of Node.js.
  const single = !/[;&|]/.test(script)
  if (hasCrossEnv && !plugnplay && single && !script.includes('NODE_OPTIONS')) {
    return { script: `cross-env NODE_OPTIONS="${FLAG}" ${script.replace(/^cross-env\s+/, '')}` }
  }
  return { unknown: true }
}

/** Returns the script that starts this file. */
export function startOf(main: string, plugnplay = false): string {
  return `node ${plugnplay ? REQUIRE_FLAG : FLAG} ${/\s/.test(main) ? JSON.stringify(main) : main}`
}

/** Returns the end of the last `node` or `tsx` that is a command. */
function lastRunner(script: string): number | undefined {
  let found: number | undefined
  for (const { index, 0: word } of script.matchAll(
    /(?<![\w./@-])(?:node|tsx|ts-node)(?=\s)(?!\s+(?:watch|--?e(?:val)?|--test)\b)/g,
  )) {
    const command = script.slice(
      Math.max(-1, ...[';', '&', '|', '('].map((end) => script.lastIndexOf(end, index))) + 1,
      index,
    )
    if (BEFORE_NODE.test(command)) found = index + word.length
  }
  return found
}
