import { isAbsolute, join } from 'node:path'
import type { SettingProblem } from './settings.ts'
import { isOurPrefix } from './suggest.ts'
import { rowOf } from './table.ts'
import type { Texts } from './values.ts'

export interface DotEnvInput {
  readonly env: Texts
  readonly cwd: string
  /** Text of a file; undefined when there is none, throws when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** The same for a file that nobody named: throws also when another user owns it or may write it. */
  readonly readOwnFile: (path: string) => string | undefined
  /** Loads dotenv's parser; called only where a .env holds a variable that may be ours. */
  readonly parseDotEnv: () => (text: string) => Record<string, string>
}

export interface DotEnv {
  /** Variables of the table alone; the rest of the file is the app's. */
  readonly texts: Texts
  /** Names that look like ours and are not. */
  readonly strangers: Texts
  /** The environment names the file: whoever starts the process stands for all of it. */
  readonly isTrusted: boolean
  readonly problems: readonly SettingProblem[]
}

/** Says in the environment which file is read in place of the working directory's, and that it is trusted. */
const NAMED = 'OBS_ENV_FILE'
const HOW_TO_ALLOW = `set it in the environment, or ${NAMED}=.env there to trust the file`

/**
 * The .env of the working directory, or the file that `OBS_ENV_FILE` names. Never throws. A .env may come with a folder that
 * somebody else wrote: it describes, and what it says of code or files does not count.
 */
export function readDotEnv({ env, cwd, readFile, readOwnFile, parseDotEnv }: DotEnvInput): DotEnv {
  const named = env[NAMED]?.trim() ?? ''
  const isTrusted = named !== '' && !named.includes('\0')
  const texts: Record<string, string> = Object.create(null)
  const strangers: Record<string, string> = Object.create(null)
  const problems: SettingProblem[] = []
  const complain = (variable: string, message: string): void => void problems.push({ variable, message })
  try {
    const text = isTrusted ? readFile(isAbsolute(named) ? named : join(cwd, named)) : readOwnFile(join(cwd, '.env'))
    if (text === undefined && isTrusted) complain(NAMED, `${NAMED}=${named} is left out: there is no such file`)
    if (text === undefined || !/OTEL_|OBS_|METRICS_ENABLED/.test(text)) return { texts, strangers, isTrusted, problems }
    for (const [name, value] of Object.entries(parseDotEnv()(text))) {
      const row = rowOf(name)
      if (row === undefined) {
        if (isOurPrefix(name)) strangers[name] = value
      } else if (isTrusted || !loads(name, env)) texts[name] = value
      else if (value.trim() !== '' && env[name] === undefined)
        complain(name, `${name} in .env is left out, since ${whyNot(name)}; ${HOW_TO_ALLOW}`)
    }
    return { texts, strangers, isTrusted, problems }
  } catch (thrown) {
    const file = isTrusted ? `${NAMED}=${named}` : '.env in the working directory'
    return {
      texts: {},
      strangers: {},
      isTrusted,
      problems: [{ variable: isTrusted ? NAMED : '.env', message: `${file} is left out: ${reasonOf(thrown)}` }],
    }
  }
}

/** Files that close the side port where they cannot be used, and do nothing else. */
const PROTECTS = /^OBS_SIDE_PORT_TLS_/

/** Whether the variable names code or files, or makes plain what the environment sends encrypted. */
function loads(name: string, env: Texts): boolean {
  return name === 'OBS_INSTRUMENTATIONS' || (rowOf(name)?.type === 'path' && !PROTECTS.test(name)) || weakens(name, env)
}

const ENDPOINT = /^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$/

/** An endpoint of the environment that has no scheme is encrypted over gRPC, and over HTTP or with `INSECURE` it is not. */
function weakens(name: string, env: Texts): boolean {
  if (name.endsWith('_INSECURE')) return Object.keys(env).some((each) => ENDPOINT.test(each))
  if (!/^OTEL_EXPORTER_OTLP_(?:\w+_)?PROTOCOL$/.test(name)) return false
  return Object.keys(env).some((each) => ENDPOINT.test(each) && !/^\s*https?:/i.test(env[each] ?? ''))
}

function whyNot(name: string): string {
  if (/_(?:INSECURE|PROTOCOL)$/.test(name)) return 'the endpoint is not of the same file'
  return name === 'OBS_INSTRUMENTATIONS' ? 'it names code' : 'it names a file'
}

/** The code of a system error says enough; its message repeats the path. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { code } = thrown as NodeJS.ErrnoException
  return code === undefined ? thrown.message : `it cannot be read (${code})`
}
