import { isSingleExecutable } from './single-executable.ts'

/** Returns whether Node's arguments name a startup snapshot (`node --snapshot-blob app.blob`). */
export function namesSnapshot(execArgv: readonly string[]): boolean {
  return execArgv.some((flag) => flag.startsWith('--snapshot-blob'))
}

let answer: boolean | undefined

/**
 * Returns whether this process started from a startup snapshot that the app's developer built, as a single executable
 * application may as well (`useSnapshot`). Node.js has no API for this. A script that builds a snapshot needs
 * `node:v8`, which is then loaded before any code has run; so the first call, which has to come before the app,
 * decides.
 */
export function isFromSnapshot(): boolean {
  const { moduleLoadList: all = [] } = process as { readonly moduleLoadList?: readonly string[] }
  answer ??= namesSnapshot(process.execArgv) || (isSingleExecutable(process.argv[1]) && all.includes('NativeModule v8'))
  return answer
}
