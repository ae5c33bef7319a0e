import type { Facts } from '../base/facts.ts'
import { whyNotTheApp } from '../base/guardrails.ts'
import type { GuardrailSettings } from '../settings/settings.ts'

/** Whether to start, and if not, why. `isLogged` is whether the reason is logged, because the user did not ask for it. */
export type Decision =
  | { readonly start: true }
  | { readonly start: false; readonly reason: string; readonly isLogged: boolean }

/** The settings that the decision depends on. */
export interface Deciding {
  /** As `VARIABLE=value`; undefined when nothing switches telemetry off. */
  readonly disabledBy: string | undefined
  readonly guardrails: GuardrailSettings
  /** Whether any signal has an exporter. */
  readonly exports: boolean
}

export function decide(facts: Facts, settings: Deciding): Decision {
  if (settings.disabledBy !== undefined) return { start: false, reason: settings.disabledBy, isLogged: false }
  const notTheApp = whyNotTheApp(facts.invocation, settings.guardrails)
  if (notTheApp !== undefined) return { start: false, reason: notTheApp, isLogged: false }
  if (facts.otherSdk) {
    return {
      start: false,
      reason: 'another OpenTelemetry SDK is already registered in this process; leaving telemetry to it',
      isLogged: true,
    }
  }
  if (!settings.exports) return { start: false, reason: 'every exporter is none', isLogged: false }
  return { start: true }
}
