import { type ConfigFile, type ConfigFileInput, besideFile, problemsOfFile, readConfigFile } from './config-file.ts'
import type { DeclaredMetrics } from '../base/declared-metrics.ts'
import { readDotEnv, type DotEnv, type DotEnvInput } from './dot-env.ts'
import { readFleet } from './fleet-settings.ts'
import { readPage } from './page-settings.ts'
import { readPrivacy } from './privacy.ts'
import { readResource } from './resource-settings.ts'
import { readGuardrails, readInstrumentations, readLifecycle, readLogs, readMetrics, readTraces } from './sections.ts'
import { reportOf, type SettingsReport } from './settings-report.ts'
import type { PackageSearch } from './package-identity.ts'
import type { Settings } from './settings.ts'
import { readSidePort } from './side-port-settings.ts'
import { misspelled } from './suggest.ts'
import { switchedOffBy } from '../base/switches.ts'
import { Values, type Texts } from './values.ts'

/** The input of the settings, as plain data and functions, so that tests need no process. */
export interface SettingsInput extends DotEnvInput, ConfigFileInput, PackageSearch {}

/**
 * Reads environment, .env and configuration file into one frozen object. Never throws; invalid values are reported in
 * its `problems`.
 */
export function readSettings(input: SettingsInput): Settings {
  return build(gather(input))
}

/**
 * Reads the same for the command line, variable by variable, including the variables of a process that is switched off.
 */
export function inspectSettings(input: SettingsInput): SettingsReport {
  const gathered = gather(input)
  const isOff = gathered.disabledBy !== undefined
  return reportOf(build(gathered), isOff ? new Values(input.env, readDotEnv(input).texts) : gathered.values)
}

function gather(input: SettingsInput): Gathered {
  const { env } = input
  const offByEnvironment = switchedOffBy(env, {})
  if (offByEnvironment !== undefined) return whenOff(offByEnvironment)
  const dotEnv = readDotEnv(input)
  const offByFile = switchedOffBy(env, dotEnv.texts)
  if (offByFile !== undefined) return whenOff(offByFile)
  const values = new Values(env, dotEnv.texts, undefined, dotEnv.isTrusted)
  const file = readConfigFile(values, [env, dotEnv.texts], input)
  if (file?.declared.disabled === true) return whenOff(`disabled: true in ${file.path}`)
  const problems = (read: Values): Settings['problems'] => problemsOf(read, input, dotEnv, file)
  if (file === undefined) return { values, search: input, problems }
  const { texts, places, resourceAttributes, metrics } = file.declared
  const declared = { path: file.path, texts, places }
  const beside = new Values(besideFile(env), besideFile(dotEnv.texts), declared, dotEnv.isTrusted)
  return { values: beside, search: input, resourceAttributes, declaredMetrics: metrics, problems }
}

/** Returns defaults for everything, since nothing but `disabledBy` is read. */
function whenOff(disabledBy: string): Gathered {
  return { values: new Values({}, {}), disabledBy, problems: () => [] }
}

/** The sources that the settings are built from. */
interface Gathered {
  readonly values: Values
  readonly disabledBy?: string
  readonly search?: PackageSearch & { readonly env: Texts }
  readonly resourceAttributes?: Settings['resource']['attributes']
  readonly declaredMetrics?: DeclaredMetrics
  readonly problems: (values: Values) => Settings['problems']
}

function build({ values, disabledBy, search, resourceAttributes, declaredMetrics, problems }: Gathered): Settings {
  const sidePort = readSidePort(values)
  return freeze({
    disabledBy,
    logLevel: values.choice('OTEL_LOG_LEVEL'),
    propagators: values.choices('OTEL_PROPAGATORS'),
    traces: readTraces(values),
    metrics: readMetrics(values, declaredMetrics),
    logs: readLogs(values),
    sidePort,
    page: readPage(values, sidePort, search?.env['NODE_ENV']),
    print: values.flag('OBS_PRINT'),
    fleet: readFleet(values, search?.env['XDG_RUNTIME_DIR']),
    instrumentations: readInstrumentations(values),
    resource: readResource(values, search, resourceAttributes),
    lifecycle: readLifecycle(values),
    guardrails: readGuardrails(values),
    privacy: readPrivacy(values),
    sources: values.sources,
    // Last, since the sections above add problems.
    problems: problems(values),
  })
}

function problemsOf(
  values: Values,
  { env }: SettingsInput,
  dotEnv: DotEnv,
  file: ConfigFile | undefined,
): Settings['problems'] {
  const problems = values.problems()
  problems.push(...dotEnv.problems)
  if (file !== undefined) problems.push(...problemsOfFile(file, [env, dotEnv.texts]))
  problems.push(...misspelled(env, dotEnv.unknownVariables))
  const shown = problems.slice(0, MAX_PROBLEMS)
  const hidden = problems.length - shown.length
  if (hidden > 0) shown.push({ variable: '', message: `${hidden} more problems with settings are not listed` })
  return shown.map(({ variable, message }) => ({ variable: inOneLine(variable), message: inOneLine(message) }))
}

/** The limit of problems, each of which is a log line at the start of the process. */
const MAX_PROBLEMS = 50

/**
 * Removes control characters, because values and names may contain anything, which a terminal or log viewer must not
 * interpret.
 */
function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

function freeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) freeze(member)
  }
  return Object.freeze(value)
}
