import { isSingleExecutable } from './single-executable.ts'

/** Returns whether Node's arguments name a startup snapshot (`node --snapshot-blob app.blob`). */
export function namesSnapshot(execArgv: readonly string[]): boolean {
  return execArgv.some((flag) => flag.startsWith('--snapshot-blob'))
}

let answer: boolean | undefined

/**
 * Returns whether this process started from a snapshot that the app's developer built, as a single executable
 * application may as well (`useSnapshot`). Node.js does not tell: a script that builds one needs `node:v8`, so that it
 * is there before any code has run. Hence the first call decides, which has to come before the app.
 */
export function isFromSnapshot(): boolean {
  const { moduleLoadList: all = [] } = process as { readonly moduleLoadList?: readonly string[] }
  answer ??= namesSnapshot(process.execArgv) || (isSingleExecutable(process.argv[1]) && all.includes('NativeModule v8'))
  return answer
}
