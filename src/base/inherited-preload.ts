import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { currentDirectory, inherited, realPath } from './environment.ts'
import { followLinks } from './follow-links.ts'

/**
 * Node.js resolves `--import @paxx/obs/register` from the working directory of each process, so a child or a thread
 * that starts elsewhere would fail. Therefore the settings that children inherit, `process.execArgv` and
 * `NODE_OPTIONS`, are changed to name the preload by its absolute path. Nothing else in them changes.
 */
const SPECIFIER = '@paxx/obs/register'

const FLAGS = ['--import', '--require', '-r']

export interface PreloadPlace {
  readonly register: string
  readonly cwd: string
  readonly realPath: (path: string) => string
}

/**
 * Returns Node's arguments with the preload by path. Returns the same array when the preload is not named or is already
 * named by path.
 */
export function argumentsByPath(args: readonly string[], place: PreloadPlace): readonly string[] {
  let changed = false
  const found = args.map((arg, index) => {
    const [, name = '', value = ''] = /^(--import|--require)=(.*)$/s.exec(arg) ?? []
    const previous = args[index - 1] ?? ''
    const flag = FLAGS.includes(previous) ? previous : name
    const named = FLAGS.includes(previous) ? arg : value
    if (flag === '' || !isPreload(named, place)) return arg
    changed = true
    return (flag === previous ? '' : `${flag}=`) + byPath(flag, place.register)
  })
  return changed ? found : args
}

/** Does the same for the text of `NODE_OPTIONS`, in which flags and values may be quoted, as a whole or in part. */
export function nodeOptionsByPath(text: string, place: PreloadPlace): string {
  const given = argumentsIn(text)
  const found = argumentsByPath(given, place)
  if (found === given) return text
  let index = 0
  return text.replaceAll(QUOTED_ARGUMENT, (whole) => {
    const at = index++
    const arg = found[at] ?? ''
    return arg === given[at] ? whole : quoted(arg)
  })
}

const QUOTED_ARGUMENT = /(?:"(?:[^"\\]|\\.)*"|[^\s"])+/gs

/** Returns the arguments in the text of `NODE_OPTIONS` as Node.js reads them: a backslash escapes within quotes only. */
function argumentsIn(text: string): readonly string[] {
  const words = text.match(QUOTED_ARGUMENT) ?? []
  return words.map((word) =>
    word.replaceAll(/"((?:[^"\\]|\\.)*)"?/gs, (_, inner: string) => inner.replaceAll(/\\(.)/gs, '$1')),
  )
}

function isPreload(named: string, { register, cwd, realPath }: PreloadPlace): boolean {
  if (named === SPECIFIER) return true
  return named.startsWith('.') && followLinks(resolve(cwd, named), realPath) === register
}

function byPath(flag: string, register: string): string {
  return flag === '--import' ? pathToFileURL(register).href : register
}

function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"` : path
}

/** A start whose flags do not name the preload by its path. */
export interface NamedPreload {
  /** The working directory, from which the preload was resolved. */
  readonly cwd: string
  /** The preload as flags of the start name it: by its package or by a relative path. */
  readonly names: readonly string[]
  /** Node's arguments with the preload by path. */
  readonly execArgv: readonly string[]
}

/**
 * Makes the children of this process find the preload wherever they start. Returns undefined when flags name it by its
 * path already or not at all. Never throws.
 */
export function inheritByPath(): NamedPreload | undefined {
  try {
    const { env, execArgv } = inherited()
    const { NODE_OPTIONS = '' } = env
    if (!namesPreload(NODE_OPTIONS) && !execArgv.some(namesPreload)) return undefined
    const place = {
      register: followLinks(join(__dirname, '..', 'register', 'index.cjs'), realPath),
      cwd: currentDirectory(),
      realPath,
    }
    const flags = argumentsByPath(execArgv, place)
    const options = nodeOptionsByPath(NODE_OPTIONS, place)
    if (flags === execArgv && options === NODE_OPTIONS) return undefined
    const names = [...namesReplaced(execArgv, flags), ...namesReplaced(argumentsIn(NODE_OPTIONS), argumentsIn(options))]
    for (const [index, flag] of flags.entries()) execArgv[index] = flag
    if (options !== NODE_OPTIONS) env['NODE_OPTIONS'] = options
    return { cwd: place.cwd, names, execArgv: [...flags] }
  } catch {
    // An earlier preload has frozen them: children resolve the preload as Node.js does.
    return undefined
  }
}

function namesReplaced(given: readonly string[], found: readonly string[]): readonly string[] {
  return given.filter((arg, index) => arg !== found[index]).map((arg) => arg.replace(/^--(?:import|require)=/, ''))
}

function namesPreload(text: string): boolean {
  return text.includes(SPECIFIER) || /\.[^\s]*register/.test(text)
}
