import { statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readTextFile } from '../../base/environment.ts'

/** The project in the working directory, read and never written here. */
export interface Project {
  readonly folder: string
  /** Where the workspace begins that the folder is part of; the folder itself where it is part of none. */
  readonly root: string
  /** Text of a file of the folder, or of an absolute path; undefined when there is none. Throws when it cannot be read. */
  read(path: string): string | undefined
  exists(file: string): boolean
  /** What the user types to install: of the lock file that is there. */
  readonly installCommand: string
  /** What runs a command of an installed package. */
  readonly runner: string
  /** Packages are where Yarn's Plug'n'Play keeps them, and not in node_modules. */
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

/** The nearest folder above that names workspaces (npm, Yarn, pnpm). */
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
