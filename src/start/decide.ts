import type { Facts } from '../base/facts.ts'
import { whyNotTheApp } from '../base/guardrails.ts'
import type { Settings } from '../settings/settings.ts'

/** Whether to start, and if not, why. `tell` is whether the reason is logged, because the user did not ask for it. */
export type Decision =
  | { readonly start: true }
  | { readonly start: false; readonly reason: string; readonly tell: boolean }

export function decide(facts: Facts, settings: Settings): Decision {
  if (settings.disabledBy !== undefined) return { start: false, reason: settings.disabledBy, tell: false }
  const notTheApp = whyNotTheApp(facts.invocation, settings.guardrails)
  if (notTheApp !== undefined) return { start: false, reason: notTheApp, tell: false }
  if (facts.otherSdk) {
    return {
      start: false,
      reason: 'another OpenTelemetry SDK is already registered in this process; leaving telemetry to it',
      tell: true,
    }
  }
  if (settings.traces.exporters.length + settings.metrics.exporters.length + settings.logs.exporters.length === 0) {
    return { start: false, reason: 'every exporter is none', tell: false }
  }
  return { start: true }
}
