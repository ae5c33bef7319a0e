import { givenText } from './variable.ts'
import type { Texts } from '../settings/values.ts'

/**
 * The words that boolean settings accept for false (`parse.ts`), repeated here so that a disabled process need not load
 * the table.
 */
const OFF_WORDS: readonly string[] = ['false', '0', 'no', 'off']

/**
 * Returns which of the two switches is off, as `VARIABLE=value`; undefined when neither is. The environment takes
 * precedence over .env.
 */
export function switchedOffBy(env: Texts, dotEnv: Texts): string | undefined {
  const word = (name: string): string | undefined => (givenText(env, name) ?? givenText(dotEnv, name))?.toLowerCase()
  if (word('OTEL_SDK_DISABLED') === 'true') return 'OTEL_SDK_DISABLED=true'
  return OFF_WORDS.includes(word('METRICS_ENABLED') ?? '') ? 'METRICS_ENABLED=false' : undefined
}
