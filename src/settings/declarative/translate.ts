import { Problem } from '../../base/problem.ts'
import type { AttributeValue } from '../settings.ts'
import { pathText, ConfigSection } from './section.ts'
import { parseFile } from './parse-file.ts'
import { ATTRIBUTE_LIMITS, translateLogs, translateMetrics, translateTraces } from './translate-signals.ts'
import { Translation, type Translated } from './translation.ts'

/** Reads `OTEL_CONFIG_FILE`, in a chunk of its own with a YAML parser and the schema. */

export interface DeclaredSettings extends Translated {
  /** `disabled: true`: nothing else of the file applies. */
  readonly disabled: boolean
  /** Places of settings that have no effect here. */
  readonly withoutEffect: readonly string[]
  readonly referenced: ReadonlySet<string>
}

/** Reads the text of a configuration file. A `Problem` says what is wrong and where. Never throws. */
export function readDeclared(
  text: string,
  lookUp: (variable: string) => string | undefined,
): DeclaredSettings | Problem {
  const file = parseFile(text, lookUp)
  if (file instanceof Problem) return file
  const root = new ConfigSection(file.model)
  const translation = new Translation()
  root.use('file_format')
  const disabled = root.scalar('disabled') === true
  translateGeneral(translation, root)
  translateResource(translation, root.child('resource'))
  translateTraces(translation, root.child('tracer_provider'))
  translateMetrics(translation, root.child('meter_provider'))
  translateLogs(translation, root.child('logger_provider'))
  translateInstrumentation(translation, root.child('instrumentation/development')?.child('general'))
  const { texts, places, resourceAttributes, metrics } = translation
  const withoutEffect = [...root.unused(), ...file.unknown].map(pathText)
  return { texts, places, resourceAttributes, metrics, disabled, withoutEffect, referenced: file.referenced }
}

/** Levels for severities of the file whose name differs; `warn2` counts as `warn`. */
const LEVELS: Readonly<Record<string, string>> = { trace: 'verbose', fatal: 'error' }

function translateGeneral(translation: Translation, root: ConfigSection): void {
  const level = root.scalar('log_level')
  if (level !== undefined) {
    const name = String(level).replace(/\d$/, '')
    translation.set('OTEL_LOG_LEVEL', LEVELS[name] ?? name, root, 'log_level')
  }
  translation.putAll('OTEL_', root.child('attribute_limits'), ATTRIBUTE_LIMITS)
  const propagator = root.child('propagator')
  const list = String(propagator?.scalar('composite_list') ?? '')
  const names = (propagator?.items('composite') ?? []).flatMap((item) => {
    item.use()
    return item.keys()
  })
  translation.set('OTEL_PROPAGATORS', [...names, list].filter((name) => name !== '').join(',') || 'none', propagator)
}

/** The name that files use when no service name is given. */
const PLACEHOLDER = 'unknown_service'

function translateResource(translation: Translation, resource: ConfigSection | undefined): void {
  translation.put('OTEL_RESOURCE_ATTRIBUTES', resource, 'attributes_list')
  for (const attribute of resource?.items('attributes') ?? []) {
    attribute.use('type')
    const name = attribute.scalar('name')
    const value = attribute.whole('value')
    if (name === undefined || value === null || (name === 'service.name' && value === PLACEHOLDER)) continue
    if (name === 'service.name') translation.set('OTEL_SERVICE_NAME', String(value), attribute)
    else translation.resourceAttributes[String(name)] = value as AttributeValue
  }
  const detectors = (resource?.child('detection/development')?.items('detectors') ?? []).flatMap((detector) => {
    detector.use()
    return detector.keys().map((name) => (name === 'service' ? 'serviceinstance' : name))
  })
  translation.set('OTEL_NODE_RESOURCE_DETECTORS', detectors.join(',') || 'none', resource)
}

function translateInstrumentation(translation: Translation, general: ConfigSection | undefined): void {
  translation.put('OTEL_SEMCONV_STABILITY_OPT_IN', general, 'stability_opt_in_list')
  const http = general?.child('http')
  for (const side of ['client', 'server'] as const) {
    const section = http?.child(side)
    for (const direction of ['request', 'response'] as const) {
      const key = `${direction}_captured_headers`
      const headers = section?.whole(key)
      if (section === undefined || !Array.isArray(headers) || headers.length === 0) continue
      const option = `HEADERS_TO_SPAN_ATTRIBUTES_${side}_${direction}_HEADERS`.toUpperCase()
      translation.set(`OBS_INSTRUMENTATION_HTTP_${option}`, headers.join(','), section, key)
    }
  }
  const methods = http?.child('server')?.whole('known_methods') ?? http?.child('client')?.whole('known_methods')
  if (Array.isArray(methods) && methods.length > 0) {
    translation.set('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS', methods.join(','), http)
  }
}
