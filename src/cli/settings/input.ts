import { load } from '../../base/chunks.ts'
import { processInput } from '../../base/environment.ts'
import type { SettingsInput } from '../../settings/read.ts'

/** As an app's process in this directory would read them: there the command line's own script plays no part. */
export function inputHere(): SettingsInput {
  const input = processInput({
    parseDotEnv: () => load<typeof import('../../settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('../../settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  return { ...input, mainScript: undefined }
}
