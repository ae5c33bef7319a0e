import type { Texts } from '../settings/values.ts'

/** Matches a .env that may contain a variable of ours. The rest of such a file is the app's. */
export const MAY_NAME_OURS: RegExp = /OTEL_|OBS_|METRICS_ENABLED/

/**
 * Returns the text of a variable without blanks around it. Undefined when it is not set or empty, which the specification
 * makes the same: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#parsing-empty-value
 */
export function givenText(texts: Texts, name: string): string | undefined {
  const text = texts[name]?.trim()
  return text === '' ? undefined : text
}
