export const PRELOAD = '@paxx/obs/register'
const FLAG = `--import ${PRELOAD}`
/** Any `--import` has Node load the main script as an ES module, and compilers that hook `require` never see it. */
const REQUIRE_FLAG = `--require ${PRELOAD}`

export type StartScript =
  | { readonly script: string }
  | { readonly already: true }
  /** No node command that a flag could be given to. */
  | { readonly unknown: true }

/** Longer ones are left to people: what follows looks at parts of a script more than once. */
const MAX_SCRIPT_CHARS = 8192

/** What may stand between the start of a command and `node`: variables, and programs that run what follows them. */
const BEFORE_NODE =
  /^\s*(?:(?:exec|env|cross-env|cross-env-shell|dotenvx?(?:\s+(?!--\s)\S+)*?\s+--|[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"']*))\s+)*$/

/** `-r ts-node/register`, `--require=@swc-node/register`, `-r esbuild-register`, `-r tsx/cjs`. */
const REQUIRE_COMPILER = /(?:^|\s)(?:-r|--require)[\s=]+["']?(?:\S*\/register|\S*-register|tsx\/cjs)\b/

export interface StartContext {
  /** `cross-env` is among the dependencies. */
  readonly hasCrossEnv?: boolean
  /** Yarn's Plug'n'Play finds packages for `require` alone, unless it has a loader for ES modules as well. */
  readonly plugnplay?: boolean
}

/** The script with the flag after its last `node` (or `tsx`, `ts-node`): what stands before it builds or migrates. */
export function withPreload(script: string, { hasCrossEnv = false, plugnplay = false }: StartContext): StartScript {
  if (script.includes(PRELOAD)) return { already: true }
  if (script.length > MAX_SCRIPT_CHARS) return { unknown: true }
  const at = lastRunner(script)
  if (at !== undefined) {
    const [before, after] = [script.slice(0, at), script.slice(at)]
    const flag = plugnplay || before.endsWith('ts-node') || REQUIRE_COMPILER.test(after) ? REQUIRE_FLAG : FLAG
    return { script: `${before} ${flag}${after}` }
  }
  // Frameworks' own start commands take no flags of node's.
  const single = !/[;&|]/.test(script)
  if (hasCrossEnv && !plugnplay && single && !script.includes('NODE_OPTIONS')) {
    return { script: `cross-env NODE_OPTIONS="${FLAG}" ${script.replace(/^cross-env\s+/, '')}` }
  }
  return { unknown: true }
}

/** The script that starts this file. */
export function startOf(main: string, plugnplay = false): string {
  return `node ${plugnplay ? REQUIRE_FLAG : FLAG} ${/\s/.test(main) ? JSON.stringify(main) : main}`
}

/** Where the last `node` or `tsx` in the place of a command ends. */
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
