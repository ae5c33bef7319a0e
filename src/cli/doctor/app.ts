import { basename, dirname, join, resolve } from 'node:path'
import { reasonOf } from '../../base/diag.ts'
import { readTextFile } from '../../base/environment.ts'
import { Problem } from '../../base/problem.ts'

type StringRecord = Readonly<Record<string, string>>

/** Facts about the app from its folder, read once for all checks. */
export interface AppFacts {
  readonly folder: string
  readonly manifest:
    | {
        readonly name?: string
        readonly scripts: StringRecord
        readonly dependencies: StringRecord
        readonly devDependencies: StringRecord
      }
    | undefined
  /** Why the manifest could not be read. */
  readonly manifestFault: string | undefined
  /** The file that Node.js would run, if it can be determined. */
  readonly mainFile: string | undefined
}

/**
 * `command` is what the user wants to run: arguments of Node.js, or a program. If it is empty, the start script is
 * used.
 */
export function readApp(folder: string, command: readonly string[] | undefined): AppFacts {
  const read = readManifest(folder)
  const manifest = read instanceof Problem ? undefined : read
  const script = command === undefined ? 'start' : scriptName(command)
  const text = script === undefined ? undefined : manifest?.scripts[script]
  const words = text?.split(/\s+/) ?? command ?? []
  const named = mainOf(words) ?? (command === undefined ? manifest?.main : undefined)
  return {
    folder,
    manifest,
    manifestFault: read instanceof Problem ? read.reason : undefined,
    mainFile: named === undefined ? undefined : resolve(folder, named),
  }
}

type AppManifest = NonNullable<AppFacts['manifest']> & { readonly main: string | undefined }

function readManifest(folder: string): AppManifest | Problem {
  try {
    const text = readTextFile(join(folder, 'package.json'))
    if (text === undefined) return new Problem('there is no package.json in this directory')
    const value = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>
    return {
      ...(typeof value['name'] === 'string' ? { name: value['name'] } : {}),
      main: typeof value['main'] === 'string' ? value['main'] : undefined,
      scripts: texts(value['scripts']),
      dependencies: texts(value['dependencies']),
      devDependencies: texts(value['devDependencies']),
    }
  } catch (thrown) {
    return new Problem(`package.json cannot be used (${reasonOf(thrown)})`)
  }
}

function texts(value: unknown): StringRecord {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string'))
}

const RUNNERS = new Set(['npm', 'pnpm', 'yarn'])

/** Recognises `npm start` and `pnpm run dev`. */
export function scriptName([program = '', ...words]: readonly string[]): string | undefined {
  if (!RUNNERS.has(basename(program))) return undefined
  return words.find((word) => !word.startsWith('-') && word !== 'run' && word !== 'run-script')
}

/** Returns the first word after `node` (or `tsx`) that looks like a file. */
export function mainOf(words: readonly string[]): string | undefined {
  const node = words.findIndex((word) => /(?:^|[\\/])(?:node|tsx)(?:\.exe)?$/.test(word))
  return words.slice(node + 1).find((word) => /^[^-].*\.[cm]?[jt]s$/.test(word))
}

/** Returns the folder and all folders above it. */
export function foldersUp(folder: string): readonly string[] {
  const folders = [folder]
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at))
  return folders
}
