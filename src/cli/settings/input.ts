import { load } from '../../base/chunks.ts'
import { processInput } from '../../base/environment.ts'
import type { SettingsInput } from '../../settings/read.ts'

/**
 * Returns the input that an app's process in this directory would have. The command line's own main script is not part
 * of it.
 */
export function inputHere(): SettingsInput {
  const input = processInput({
    parseDotEnv: () => load<typeof import('../../settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('../../settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  return { ...input, mainScript: undefined }
}
