import { isAbsolute, join } from 'node:path'
import { givenText, MAY_NAME_OURS } from '../base/variable.ts'
import type { SettingProblem } from './settings.ts'
import { isOurPrefix } from './suggest.ts'
import { rowOf } from './table.ts'
import type { Texts } from './values.ts'

export interface DotEnvInput {
  readonly env: Texts
  readonly cwd: string
  /** Reads a text file. Returns undefined when there is none; throws when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** Reads a file that the user did not name. Also throws when another user owns it or may write to it. */
  readonly readOwnFile: (path: string) => string | undefined
  /** Loads dotenv's parser. Called only when a .env contains a variable that may be ours. */
  readonly parseDotEnv: () => (text: string) => Record<string, string>
}

export interface DotEnv {
  /** Variables of the settings table. The rest of the file is the app's. */
  readonly texts: Texts
  /** Variables with our prefixes that are not in the table. */
  readonly unknownVariables: Texts
  /** Whether the environment names the file, so that all of it is trusted like the environment. */
  readonly isTrusted: boolean
  readonly problems: readonly SettingProblem[]
}

/** Names the file to read instead of the .env in the working directory, and makes it trusted. */
const NAMED = 'OBS_ENV_FILE'
const HOW_TO_ALLOW = `set it in the environment, or ${NAMED}=.env there to trust the file`

/**
 * Reads the .env of the working directory, or the file that `OBS_ENV_FILE` names. Never throws. A .env may come with a
 * folder that somebody else wrote, so variables that name code or files are ignored in it.
 */
export function readDotEnv({ env, cwd, readFile, readOwnFile, parseDotEnv }: DotEnvInput): DotEnv {
  const named = givenText(env, NAMED) ?? ''
  const isTrusted = named !== '' && !named.includes('\0')
  const path = isTrusted ? named : '.env'
  const variable = isTrusted ? NAMED : '.env'
  const file = isTrusted ? `${NAMED}=${named}` : '.env in the working directory'
  try {
    const read = isTrusted ? readFile : readOwnFile
    const text = read(isAbsolute(path) ? path : join(cwd, path))
    if (text === undefined && isTrusted)
      return withoutVariables(isTrusted, variable, `${file} is ignored: there is no such file`)
    if (text === undefined || !MAY_NAME_OURS.test(text)) return withoutVariables(isTrusted)
    return variablesOf(parseDotEnv()(text), env, isTrusted)
  } catch (thrown) {
    return withoutVariables(isTrusted, variable, `${file} is ignored: ${reasonOf(thrown)}`)
  }
}

function withoutVariables(isTrusted: boolean, variable?: string, message?: string): DotEnv {
  return {
    texts: Object.create(null) as Texts,
    unknownVariables: Object.create(null) as Texts,
    isTrusted,
    problems: variable === undefined || message === undefined ? [] : [{ variable, message }],
  }
}

/** Sorts the variables of a file: those of the table, those that may be misspelt, and those that it must not set. */
function variablesOf(parsed: Record<string, string>, env: Texts, isTrusted: boolean): DotEnv {
  const texts: Record<string, string> = Object.create(null)
  const unknownVariables: Record<string, string> = Object.create(null)
  const problems: SettingProblem[] = []
  for (const [name, value] of Object.entries(parsed)) {
    if (rowOf(name) === undefined) {
      if (isOurPrefix(name)) unknownVariables[name] = value
    } else if (isTrusted || !loads(name, env)) {
      texts[name] = value
    } else if (value.trim() !== '' && givenText(env, name) === undefined) {
      const message = `${name} in .env is ignored, since ${whyNot(name)}; ${HOW_TO_ALLOW}`
      problems.push({ variable: name, message })
    }
  }
  return { texts, unknownVariables, isTrusted, problems }
}

/** Matches the variables that protect the side port. An unusable file among them closes the port. */
const PROTECTS = /^OBS_SIDE_PORT_/

/**
 * Returns whether the variable names code or files, adds a way into a side port that the environment protects, or
 * downgrades to plain text what the environment sends encrypted.
 */
function loads(name: string, env: Texts): boolean {
  if (name === 'OBS_INSTRUMENTATIONS') return true
  if (PROTECTS.test(name)) return isProtectedBy(env)
  return rowOf(name)?.type === 'path' || weakens(name, env)
}

/** Matches the variables that keep clients out. The server's own certificate lets everybody in. */
const AUTHENTICATES = /^OBS_SIDE_PORT_(?!TLS_(?:CERT|KEY)$)/

function isProtectedBy(env: Texts): boolean {
  return Object.keys(env).some((name) => AUTHENTICATES.test(name) && givenText(env, name) !== undefined)
}

const ENDPOINT = /^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$/
const PROTOCOL = /^OTEL_EXPORTER_OTLP_(?:\w+_)?PROTOCOL$/

/**
 * Returns whether the variable changes the meaning of an endpoint without a scheme: it is encrypted over gRPC, but not
 * over HTTP or with `INSECURE`.
 */
function weakens(name: string, env: Texts): boolean {
  const endpoints = Object.keys(env)
    .filter((each) => ENDPOINT.test(each))
    .flatMap((each) => givenText(env, each) ?? [])
  if (name.endsWith('_INSECURE')) return endpoints.length > 0
  if (!PROTOCOL.test(name)) return false
  return endpoints.some((endpoint) => !/^https?:/i.test(endpoint))
}

function whyNot(name: string): string {
  if (PROTECTS.test(name)) return 'the environment protects the side port itself'
  if (/_(?:INSECURE|PROTOCOL)$/.test(name)) return 'the endpoint is not of the same file'
  return name === 'OBS_INSTRUMENTATIONS' ? 'it names code' : 'it names a file'
}

/** The code of a system error is enough; its message repeats the path. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { code } = thrown as NodeJS.ErrnoException
  return code === undefined ? thrown.message : `it cannot be read (${code})`
}
