import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { lambdaEnvironment } from './lambda-environment.ts'
import { pm2Worker } from './pm2-worker.ts'
import { readIfRegular } from './regular-file.ts'
import { isSingleExecutable } from './single-executable.ts'
import type { SettingsInput } from '../settings/read.ts'
import type { Texts } from '../settings/values.ts'

/**
 * The only file that reads the environment of the process. It belongs to the app and its children: nothing is written
 * to it except the preload's own entry in `NODE_OPTIONS` (`inherited-preload.ts`).
 */

export function snapshotEnvironment(): Texts {
  // oxlint-disable-next-line node/no-process-env -- the one place
  return Object.assign(Object.create(null), process.env)
}

/** Returns what child processes inherit by default. */
export function inherited(): { readonly env: NodeJS.ProcessEnv; readonly execArgv: string[] } {
  // oxlint-disable-next-line node/no-process-env -- the one place
  return { env: process.env, execArgv: process.execArgv }
}

export function realPath(path: string): string {
  return realpathSync(path)
}

/** Returns the input of the settings stage for this process. */
export function processInput(
  parsers: Pick<SettingsInput, 'parseDotEnv' | 'readDeclared'>,
): SettingsInput & { readonly execArgv: readonly string[]; readonly args: readonly string[] } {
  const snapshot = snapshotEnvironment()
  const env = lambdaEnvironment(snapshot) ?? snapshot
  const managed = pm2Worker(env)
  const started = process.argv[1]
  return {
    env: managed?.env ?? env,
    mainScript: managed?.mainScript ?? (isSingleExecutable(started) ? process.execPath : started),
    args: process.argv.slice(2),
    execArgv: process.execArgv,
    cwd: managed?.cwd ?? currentDirectory(),
    readFile: readNamedFile,
    readOwnFile,
    realPath,
    ...parsers,
  }
}

/** Returns the environment for a child that takes over this process's IPC channel at a descriptor. */
export function channelEnvironment(descriptor: number): Texts {
  // Node.js removes both variables from the environment before any of our code runs; the kernel still has them.
  const initial = process.platform === 'linux' ? readFileSync('/proc/self/environ', 'latin1').split('\0') : []
  const mode = initial.find((entry) => entry.startsWith('NODE_CHANNEL_SERIALIZATION_MODE='))?.split('=')[1]
  return {
    NODE_CHANNEL_FD: String(descriptor),
    ...(mode === undefined ? {} : { NODE_CHANNEL_SERIALIZATION_MODE: mode }),
  }
}

/**
 * Reads a text file. Returns undefined when there is no such file, or when it is a directory or a pipe. Throws when it
 * cannot be read.
 */
export function readTextFile(path: string): string | undefined {
  // It is nearly always missing, and an exception takes longer.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined
  return textIn(readIfRegular(path, 'it'))
}

/** Reads a text file that the user named. Works like `readTextFile`, but throws when it is a directory or a pipe. */
function readNamedFile(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (!stats.isFile()) throw new Error('it is not a regular file')
  return textIn(readIfRegular(path, 'it'))
}

function textIn(content: Buffer | undefined): string | undefined {
  const text = content?.toString('utf8')
  if (text?.includes('\0') === true) throw new Error('it is not a text file')
  return text
}

/**
 * Reads a file that the user did not name. Works like `readTextFile`, but also throws when a user other than this one
 * and root owns the file or may write to it: a folder that others write to can hold anything.
 */
export function readOwnFile(path: string): string | undefined {
  const link = lstatSync(path, { throwIfNoEntry: false })
  if (link === undefined || link.isDirectory() || link.isFIFO()) return undefined
  refuseForeign(link)
  return textIn(readIfRegular(path, 'it', refuseForeign))
}

const GROUP_MAY_WRITE = 0o020
const OTHERS_MAY_WRITE = 0o002

/** Throws when another user controls the file. On systems without such users, like Windows, it never does. */
function refuseForeign(stats: Stats): void {
  const uid = process.getuid?.()
  if (uid === undefined) return
  const howToAllow = 'set OBS_ENV_FILE=.env in the environment to trust it'
  if (stats.uid !== uid && stats.uid !== 0)
    throw new Error(`it belongs to another user (uid ${stats.uid}, and this process has ${uid}); ${howToAllow}`)
  // The permissions of a link are meaningless. A user's private group has the same number as the user.
  if (stats.isSymbolicLink()) return
  const isGroupsOwn = stats.gid === stats.uid
  if ((stats.mode & OTHERS_MAY_WRITE) !== 0 || ((stats.mode & GROUP_MAY_WRITE) !== 0 && !isGroupsOwn))
    throw new Error(`other users may write it (mode ${(stats.mode & 0o777).toString(8)}); ${howToAllow}`)
}

/** Returns the working directory, or `/` when it was removed under the process, which an app may survive. */
export function currentDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
