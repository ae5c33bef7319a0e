import { serviceLabel } from '../../base/service-label.ts'
import type { SettingsReport } from '../../settings/settings-report.ts'
import { type Check, fact, ok, problem } from './check.ts'

/** Checks the settings of the environment and .env. `paxx-obs settings` prints the whole table. */
export function settingsChecks({ settings, states, problems }: SettingsReport): readonly Check[] {
  if (settings.disabledBy !== undefined) {
    return [problem('settings', `switched off by ${settings.disabledBy}`, 'nothing is loaded, exported or served')]
  }
  const { serviceVersion } = settings.resource
  const service = `service ${serviceLabel(settings.resource)} ${serviceVersion ?? ''}`
  const source = states.find(({ name }) => name === 'OTEL_SERVICE_NAME')?.source
  const described = `${service.trim()}${source === undefined ? '' : ` (${source})`}`
  const checks: Check[] = [
    settings.resource.serviceName === undefined
      ? problem('service', described, 'set OTEL_SERVICE_NAME, or a name in package.json')
      : ok('service', described),
  ]
  const broken = new Set(problems.map(({ variable }) => variable))
  for (const { name, value, source: from, isSet } of states) {
    if (isSet && !broken.has(name)) checks.push(fact(`setting:${name}`, `${name}=${value} (${from})`))
  }
  for (const { variable, message } of problems) {
    checks.push(problem(`setting:${variable}`, message, 'paxx-obs settings shows every variable'))
  }
  return checks
}
