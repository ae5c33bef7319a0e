import { readDotEnv, type DotEnv, type DotEnvInput } from './dot-env.ts'
import { readResource } from './resource.ts'
import { readGuardrails, readInstrumentations, readLifecycle, readLogs, readMetrics, readTraces } from './sections.ts'
import type { PackageSearch } from './service.ts'
import type { Settings } from './settings.ts'
import { readSidePort } from './side-port.ts'
import { misspelled } from './suggest.ts'
import { switchedOffBy } from './switches.ts'
import { Values, type Texts } from './values.ts'

/** Everything the settings are made of, as plain data and functions, so that a test needs no process. */
export interface SettingsInput extends DotEnvInput, PackageSearch {
  readonly env: Texts
}

/** Environment and .env, checked: one frozen object. Never throws; each mistake is one of its problems. */
export function readSettings(input: SettingsInput): Settings {
  const { env } = input
  const offByEnvironment = switchedOffBy(env, {})
  if (offByEnvironment !== undefined) return settingsWhenOff(offByEnvironment)
  const dotEnv = readDotEnv(input)
  const offByFile = switchedOffBy(env, dotEnv.texts)
  if (offByFile !== undefined) return settingsWhenOff(offByFile)
  return build(new Values(env, dotEnv.texts), undefined, input, (values) => problemsOf(values, env, dotEnv))
}

/** Nothing of it is looked at but `disabledBy`; the rest is the defaults. */
function settingsWhenOff(disabledBy: string): Settings {
  return build(new Values({}, {}), disabledBy, undefined, () => [])
}

function build(
  values: Values,
  disabledBy: string | undefined,
  search: (PackageSearch & { readonly env: Texts }) | undefined,
  collectProblems: (values: Values) => Settings['problems'],
): Settings {
  return freeze({
    disabledBy,
    logLevel: values.choice('OTEL_LOG_LEVEL'),
    propagators: values.choices('OTEL_PROPAGATORS'),
    traces: readTraces(values),
    metrics: readMetrics(values),
    logs: readLogs(values),
    sidePort: readSidePort(values),
    instrumentations: readInstrumentations(values),
    resource: readResource(values, search),
    lifecycle: readLifecycle(values),
    guardrails: readGuardrails(values),
    sources: values.sources,
    // Last: the sections above add to them.
    problems: collectProblems(values),
  })
}

function problemsOf(values: Values, env: Texts, dotEnv: DotEnv): Settings['problems'] {
  const problems = values.problems()
  if (dotEnv.problem !== undefined) problems.push(dotEnv.problem)
  problems.push(...misspelled(env, dotEnv.strangers))
  return problems.map(({ variable, message }) => ({ variable: inOneLine(variable), message: inOneLine(message) }))
}

/** A value, the name of a header or of a variable may hold anything; a terminal or a log's reader shall not obey it. */
function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

function freeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) freeze(member)
  }
  return Object.freeze(value)
}
