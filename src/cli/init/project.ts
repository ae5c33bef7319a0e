import { statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readTextFile } from '../../base/environment.ts'

/** The project in the working directory, which is only read here. */
export interface Project {
  readonly folder: string
  /** The root of the workspace that the folder belongs to; the folder itself if there is none. */
  readonly root: string
  /**
   * Returns the text of a file in the folder, or of an absolute path; undefined if it does not exist. Throws if it
   * cannot be read.
   */
  read(path: string): string | undefined
  exists(file: string): boolean
  /** The command to install packages, according to the lock file. */
  readonly installCommand: string
  /** The command that runs an installed package's command. */
  readonly runner: string
  /** Whether packages are managed by Yarn Plug'n'Play and not in node_modules. */
  readonly plugnplay: boolean
}

const MANAGERS: readonly (readonly [lockFile: string, installCommand: string, runner: string])[] = [
  ['pnpm-lock.yaml', 'pnpm install', 'pnpm exec'],
  ['pnpm-workspace.yaml', 'pnpm install', 'pnpm exec'],
  ['yarn.lock', 'yarn install', 'yarn'],
  ['bun.lock', 'bun install', 'bunx'],
  ['bun.lockb', 'bun install', 'bunx'],
  ['package-lock.json', 'npm install', 'npx'],
]

export function openProject(folder: string): Project {
  const root = workspaceRoot(folder)
  const isThere = (file: string): boolean => isFile(join(folder, file)) || isFile(join(root, file))
  const [, installCommand = 'npm install', runner = 'npx'] = MANAGERS.find(([file]) => isThere(file)) ?? []
  return {
    folder,
    root,
    read: (path) => readTextFile(resolve(folder, path)),
    exists: (file) => isFile(join(folder, file)),
    installCommand,
    runner,
    plugnplay: isThere('.pnp.cjs'),
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** Returns the nearest folder above that defines workspaces (npm, Yarn, pnpm). */
function workspaceRoot(folder: string): string {
  for (let at = dirname(folder); ; at = dirname(at)) {
    if (namesWorkspaces(at)) return at
    if (dirname(at) === at || isRepository(at)) return folder
  }
}

function namesWorkspaces(folder: string): boolean {
  try {
    if (readTextFile(join(folder, 'pnpm-workspace.yaml')) !== undefined) return true
    const text = readTextFile(join(folder, 'package.json'))
    return text !== undefined && /"workspaces"\s*:/.test(text)
  } catch {
    return false
  }
}

/** Nothing above a repository belongs to the project. */
function isRepository(folder: string): boolean {
  return statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined
}

export function folderName(folder: string): string {
  return basename(folder) || 'app'
}
