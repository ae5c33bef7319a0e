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
  const texts: Record<string, string> = Object.create(null)
  const unknownVariables: Record<string, string> = Object.create(null)
  const problems: SettingProblem[] = []
  const addProblem = (variable: string, message: string): void => void problems.push({ variable, message })
  try {
    const text = isTrusted ? readFile(isAbsolute(named) ? named : join(cwd, named)) : readOwnFile(join(cwd, '.env'))
    if (text === undefined && isTrusted) addProblem(NAMED, `${NAMED}=${named} is ignored: there is no such file`)
    if (text === undefined || !MAY_NAME_OURS.test(text)) return { texts, unknownVariables, isTrusted, problems }
    for (const [name, value] of Object.entries(parseDotEnv()(text))) {
      const row = rowOf(name)
      if (row === undefined) {
        if (isOurPrefix(name)) unknownVariables[name] = value
      } else if (isTrusted || !loads(name, env)) texts[name] = value
      else if (value.trim() !== '' && givenText(env, name) === undefined)
        addProblem(name, `${name} in .env is ignored, since ${whyNot(name)}; ${HOW_TO_ALLOW}`)
    }
    return { texts, unknownVariables, isTrusted, problems }
  } catch (thrown) {
    const file = isTrusted ? `${NAMED}=${named}` : '.env in the working directory'
    return {
      texts: {},
      unknownVariables: {},
      isTrusted,
      problems: [{ variable: isTrusted ? NAMED : '.env', message: `${file} is ignored: ${reasonOf(thrown)}` }],
    }
  }
}

/** Matches the variables that protect the side port. An unusable file among them closes the port. */
const PROTECTS = /^OBS_SIDE_PORT_/

/**
 * Returns whether the variable names code or files, adds a way into a side port that the environment protects, or
 * downgrades to plain text what the environment sends encrypted.
 */
function loads(name: string, env: Texts): boolean {
  if (name === 'OBS_INSTRUMENTATIONS') return true
  return PROTECTS.test(name) ? isProtectedBy(env) : rowOf(name)?.type === 'path' || weakens(name, env)
}

/** Matches the variables that keep clients out. The server's own certificate lets everybody in. */
const AUTHENTICATES = /^OBS_SIDE_PORT_(?!TLS_(?:CERT|KEY)$)/

function isProtectedBy(env: Texts): boolean {
  return Object.keys(env).some((name) => AUTHENTICATES.test(name) && givenText(env, name) !== undefined)
}

const ENDPOINT = /^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$/

/**
 * Returns whether the variable changes the meaning of an endpoint without a scheme: it is encrypted over gRPC, but not
 * over HTTP or with `INSECURE`.
 */
function weakens(name: string, env: Texts): boolean {
  const endpoints = Object.keys(env).flatMap((each) => (ENDPOINT.test(each) ? (givenText(env, each) ?? []) : []))
  if (name.endsWith('_INSECURE')) return endpoints.length > 0
  if (!/^OTEL_EXPORTER_OTLP_(?:\w+_)?PROTOCOL$/.test(name)) return false
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
