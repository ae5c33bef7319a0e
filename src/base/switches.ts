import type { Texts } from '../settings/values.ts'

/** As the table's boolean rows read them (`parse.ts`), without the table: a process that is switched off pays for nothing. */
const OFF_WORDS: readonly string[] = ['false', '0', 'no', 'off']

/** Which of the two switches is off, as `VARIABLE=value`; undefined: none. The environment wins over .env. */
export function switchedOffBy(env: Texts, dotEnv: Texts): string | undefined {
  const word = (name: string): string | undefined => (env[name] ?? dotEnv[name])?.trim().toLowerCase()
  if (word('OTEL_SDK_DISABLED') === 'true') return 'OTEL_SDK_DISABLED=true'
  return OFF_WORDS.includes(word('METRICS_ENABLED') ?? '') ? 'METRICS_ENABLED=false' : undefined
}
