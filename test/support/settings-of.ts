import { readDeclared } from '../../src/settings/declarative/translate.ts'
import { parse } from '../../src/settings/parse-dot-env.ts'
import { readSettings, type SettingsInput } from '../../src/settings/read.ts'
import type { Settings } from '../../src/settings/settings.ts'

type Environment = Readonly<Record<string, string>>

/** An imaginary process: no main script, no files but those given by path. */
export function inputOf(
  env: Environment,
  files: Readonly<Record<string, string>> = {},
  more: Partial<SettingsInput> = {},
): SettingsInput {
  return {
    env: Object.assign(Object.create(null), env),
    mainScript: undefined,
    cwd: '/app',
    readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    readOwnFile: more.readFile ?? ((path) => (Object.hasOwn(files, path) ? files[path] : undefined)),
    realPath: (path) => path,
    parseDotEnv: () => parse,
    readDeclared: () => readDeclared,
    ...more,
  }
}

export function settingsOf(env: Environment, files?: Readonly<Record<string, string>>): Settings {
  return readSettings(inputOf(env, files))
}

export function messagesOf(env: Environment, files?: Readonly<Record<string, string>>): readonly string[] {
  return settingsOf(env, files).problems.map(({ message }) => message)
}
