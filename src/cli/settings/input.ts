import { load } from '../../base/chunks.ts'
import { processInput } from '../../settings/environment.ts'
import type { SettingsInput } from '../../settings/read.ts'

/** As an app's process in this directory would read them: there the command line's own script plays no part. */
export function inputHere(): SettingsInput {
  const input = processInput({
    parseDotEnv: () => load('parse-dot-env').parse,
    readDeclared: () => load('config-file').readDeclared,
  })
  return { ...input, mainScript: undefined }
}
