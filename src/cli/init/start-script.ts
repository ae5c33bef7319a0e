export const PRELOAD = '@paxx/obs/register'
const FLAG = `--import ${PRELOAD}`
/**
 * With any `--import`, Node.js loads the main script as an ES module, and compilers that hook `require` do not see it.
 */
const REQUIRE_FLAG = `--require ${PRELOAD}`

export type StartScript =
  | { readonly script: string }
  | { readonly already: true }
  /** It runs another script of package.json by `node --run`, which does not pass on flags of its own. */
  | { readonly runs: string }
  /** The script contains no Node.js command that takes flags. */
  | { readonly unknown: true }

/** Longer scripts are not edited, since parts of a script are scanned more than once. */
const MAX_SCRIPT_CHARS = 8192

/** Matches what may precede `node` in a command: variables, and programs that run another program. */
const BEFORE_NODE =
  /^\s*(?:(?:exec|env|cross-env|cross-env-shell|dotenvx?(?:\s+(?!--\s)\S+)*?\s+--|[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"']*))\s+)*$/

/** Matches `-r ts-node/register`, `--require=@swc-node/register`, `-r esbuild-register`, `-r tsx/cjs`. */
const REQUIRE_COMPILER = /(?:^|[\s"'=])(?:-r|--require)[\s=]+["']?(?:\S*\/register|\S*-register|tsx\/cjs)\b/

/** Matches commands that start Node.js with such a compiler. */
const REQUIRING_COMMAND =
  /(?:^|[\s;&|("'/\\])(?:ts-node(?:-(?:dev|script|transpile-only|cwd))?|tsnd|babel-node|sucrase-node|esbuild-runner|esr)(?=[\s"';&|)]|$)/

/** Without `--exec`, nodemon runs TypeScript files with ts-node. */
const NODEMON_OF_TYPESCRIPT = /(?:^|[\s;&|("'/\\])nodemon(?=\s)(?![^;&|]*\s(?:--exec|-x)\b)[^;&|]*\.[cm]?tsx?\b/

/**
 * Returns whether a script uses a compiler that hooks `require`, which any `--import` keeps from seeing the main script.
 */
export function needsRequireFlag(script: string): boolean {
  if (script.length > MAX_SCRIPT_CHARS) return false
  return [REQUIRE_COMPILER, REQUIRING_COMMAND, NODEMON_OF_TYPESCRIPT].some((each) => each.test(script))
}

/** Returns the flag to set in `NODE_OPTIONS` for this script. */
export function optionFor(script: string, plugnplay = false): string {
  return plugnplay || needsRequireFlag(script) ? REQUIRE_FLAG : FLAG
}

export interface StartContext {
  /** Whether `cross-env` is a dependency. */
  readonly hasCrossEnv?: boolean
  /** Yarn Plug'n'Play resolves packages for `require` only, unless its ES module loader is enabled. */
  readonly plugnplay?: boolean
}

/** Returns the script with the flag after its last `node` (or `tsx`, `ts-node`). Earlier commands build or migrate. */
export function withPreload(
  script: string,
  { hasCrossEnv = false, plugnplay = false }: StartContext = {},
): StartScript {
  const runner = script.length > MAX_SCRIPT_CHARS ? undefined : lastRunner(script)
  if (script.slice(0, runner?.runs === undefined ? script.length : runner.end).includes(PRELOAD))
    return { already: true }
  if (script.length > MAX_SCRIPT_CHARS) return { unknown: true }
  if (runner?.runs !== undefined) return { runs: runner.runs }
  if (runner !== undefined) {
    const flag = optionFor(script.slice(runner.start), plugnplay)
    return { script: `${script.slice(0, runner.end)} ${flag}${script.slice(runner.end)}` }
  }
  // The start commands of frameworks do not accept flags of Node.js.
  const single = !/[;&|]/.test(script)
  if (hasCrossEnv && !plugnplay && single && !script.includes('NODE_OPTIONS')) {
    return { script: `cross-env NODE_OPTIONS="${optionFor(script)}" ${script.replace(/^cross-env\s+/, '')}` }
  }
  return { unknown: true }
}

/** Returns the script that starts this file. */
export function startOf(main: string, plugnplay = false): string {
  return `node ${plugnplay ? REQUIRE_FLAG : FLAG} ${/\s/.test(main) ? JSON.stringify(main) : main}`
}

interface Runner {
  /** Where its command starts, with variables. */
  readonly start: number
  /** Where its flags start. */
  readonly end: number
  /** The script that `node --run` runs. */
  readonly runs: string | undefined
}

/** Matches the flags up to `--run`. */
const RUN =
  /^(?:\s+(?:(?:--env-file(?:-if-exists)?|-C|--conditions|-r|--require|--import)\s+[^-\s]\S*|(?!--run\b)-\S+))*\s+--run[\s=]+["']?([^\s"';&|()]+)/

/** Returns the last `node`, `tsx` or `ts-node` that is a command. */
function lastRunner(script: string): Runner | undefined {
  let found: Runner | undefined
  for (const { index, 0: word } of script.matchAll(
    /(?<![\w./@-])(?:node|tsx|ts-node)(?=\s)(?!\s+(?:watch|--?e(?:val)?|--test)\b)/g,
  )) {
    const start = Math.max(-1, ...[';', '&', '|', '('].map((separator) => script.lastIndexOf(separator, index))) + 1
    if (!BEFORE_NODE.test(script.slice(start, index))) continue
    const end = index + word.length
    found = { start, end, runs: word === 'node' ? RUN.exec(script.slice(end))?.[1] : undefined }
  }
  return found
}
