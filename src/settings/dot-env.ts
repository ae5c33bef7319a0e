import { join } from 'node:path'
import type { SettingProblem } from './settings.ts'
import { isOurPrefix } from './suggest.ts'
import { rowOf } from './table.ts'
import type { Texts } from './values.ts'

export interface DotEnvInput {
  readonly cwd: string
  /** Text of a file; undefined when there is none, throws when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** Loads dotenv's parser; called only where a .env holds a variable that may be ours. */
  readonly parseDotEnv: () => (text: string) => Record<string, string>
}

export interface DotEnv {
  /** Variables of the table alone; the rest of the file is the app's. */
  readonly texts: Texts
  /** Names that look like ours and are not. */
  readonly strangers: Texts
  readonly problem: SettingProblem | undefined
}

const ABSENT_DOT_ENV: DotEnv = { texts: {}, strangers: {}, problem: undefined }

/** The .env of the working directory. Never throws. */
export function readDotEnv({ cwd, readFile, parseDotEnv }: DotEnvInput): DotEnv {
  try {
    const text = readFile(join(cwd, '.env'))
    if (text === undefined || !/OTEL_|OBS_|METRICS_ENABLED/.test(text)) return ABSENT_DOT_ENV
    const texts: Record<string, string> = Object.create(null)
    const strangers: Record<string, string> = Object.create(null)
    for (const [name, value] of Object.entries(parseDotEnv()(text))) {
      if (rowOf(name) !== undefined) texts[name] = value
      else if (isOurPrefix(name)) strangers[name] = value
    }
    return { texts, strangers, problem: undefined }
  } catch (thrown) {
    const message = `.env in the working directory is left out: ${reasonOf(thrown)}`
    return { ...ABSENT_DOT_ENV, problem: { variable: '.env', message } }
  }
}

/** The code of a system error says enough; its message repeats the path. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { code } = thrown as NodeJS.ErrnoException
  return code === undefined ? thrown.message : `it cannot be read (${code})`
}
