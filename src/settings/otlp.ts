import { Problem } from '../base/problem.ts'
import { shownUrl } from '../base/shown-url.ts'
import { basicAuthorization } from '../base/url-parts.ts'
import { defaultEndpoint, readEndpoint, type Endpoint } from './otlp-endpoint.ts'
import { joinFaults } from './pairs.ts'
import { readProxy } from './proxy.ts'
import { isLoopbackUrl } from './loopback.ts'
import { OTLP_OPTIONS, type OtlpOptionValues } from './otlp-options.ts'
import type { OtlpProtocol, OtlpSettings, Signal } from './settings.ts'
import { otlpVariable } from './table-otlp.ts'
import { valueText, type Values } from './values.ts'

/** Merges the general and the signal's own variables. `active` tells whether the signal is exported over OTLP. */
export function readOtlp(values: Values, signal: Signal, active: boolean): OtlpSettings {
  const protocol = values.choice<OtlpProtocol>(otlpVariable('PROTOCOL', signal))
  const { url, credentials, variable } = resolveEndpoint(values, signal, protocol, active)
  const isForeign = variable !== undefined && values.isFound(variable) && !isLoopbackUrl(url)
  const headers = mergeHeaders(values, signal, protocol, isForeign ? variable : undefined)
  if (credentials !== undefined && !headers.has('authorization')) {
    headers.set('authorization', basicAuthorization(credentials))
  }
  return {
    protocol,
    endpoint: url,
    headers: Object.fromEntries(headers),
    ...readOptions(values, signal),
    ...readClientPair(values, signal),
    proxy: protocol === 'grpc' && active ? readProxy(values, url, variable) : undefined,
  }
}

const OPTIONS = Object.entries(OTLP_OPTIONS)

/** The options of an exporter that has no variables for them. */
export const DEFAULT_OPTIONS = Object.fromEntries(
  OPTIONS.map(([field, row]) => [field, row.default]),
) as OtlpOptionValues

/** Reads the options that the transport takes as they are. */
function readOptions(values: Values, signal: Signal): OtlpOptionValues {
  const fields = OPTIONS.map(([field, { option }]) => [field, values.value(otlpVariable(option, signal))])
  return Object.fromEntries(fields) as OtlpOptionValues
}

/** `variable` is the one that sets the endpoint, if any. */
type Resolved = Endpoint & { readonly variable: string | undefined }

function resolveEndpoint(values: Values, signal: Signal, protocol: OtlpProtocol, active: boolean): Resolved {
  const insecureVariable = otlpVariable('INSECURE', signal)
  const insecure = { value: values.flag(insecureVariable), given: values.isGiven(insecureVariable) }
  const faults: { readonly variable: string; readonly fault: string }[] = []
  let found: Resolved = {
    url: defaultEndpoint(protocol, signal),
    credentials: undefined,
    hints: [],
    variable: undefined,
  }
  for (const variable of [otlpVariable('ENDPOINT', signal), otlpVariable('ENDPOINT')]) {
    if (!values.isSet(variable)) continue
    const general = variable === otlpVariable('ENDPOINT')
    const read = readEndpoint(values.text(variable) ?? '', { protocol, signal, general, insecure })
    if (!(read instanceof Problem)) {
      found = { ...read, variable }
      if (active) for (const hint of read.hints) values.addProblem(variable, hint)
      break
    }
    faults.push({ variable, fault: read.reason })
  }
  for (const { variable, fault } of faults) {
    const isGeneral = variable === otlpVariable('ENDPOINT')
    // Logged once for all signals, hence without a signal's path.
    values.addProblem(
      variable,
      `${fault}; using ${shownUrl(isGeneral ? found.url.replace(/\/v1\/[a-z]+$/, '') : found.url)}`,
    )
  }
  return found
}

/**
 * Merges the signal's headers over the general ones, like upstream. `foreign` is the variable of a remote endpoint that
 * was set by the .env of the working directory; headers of the environment are not sent there.
 */
function mergeHeaders(
  values: Values,
  signal: Signal,
  protocol: OtlpProtocol,
  foreign: string | undefined,
): Map<string, string> {
  const merged = new Map<string, string>()
  const general = otlpVariable('HEADERS')
  for (const variable of [general, otlpVariable('HEADERS', signal)]) {
    const faults: string[] = []
    if (variable !== general && !values.isSet(variable)) continue
    if (foreign !== undefined && values.isSet(variable) && !values.isFound(variable)) {
      values.addProblem(
        foreign,
        `is not on this machine, so ${variable} of the environment is not sent to it; set the endpoint there too, or OBS_ENV_FILE=.env to trust the file`,
      )
      continue
    }
    for (const [name, value] of values.pairs(variable)) {
      const fault = headerFault(name, value, protocol)
      if (fault === undefined) merged.set(name, value)
      else faults.push(`header "${name}" ${fault}`)
    }
    if (faults.length > 0) values.addProblem(variable, joinFaults(faults))
  }
  return merged
}

/** Headers that the exporter sets itself; a second value would break the request. */
const OWN_HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'te',
  'host',
]

/**
 * Returns why gRPC does not allow a header as custom metadata:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
function headerFault(name: string, value: string, protocol: OtlpProtocol): string | undefined {
  if (OWN_HEADERS.includes(name)) return 'is set by the exporter itself'
  if (protocol !== 'grpc') return undefined
  if (/^(?:http2-settings|keep-alive|proxy-connection|upgrade)$/.test(name))
    return 'has a name that HTTP/2 does not allow'
  if (!/^[0-9a-z_.-]+$/.test(name) || name.startsWith('grpc-')) return 'has a name that gRPC does not allow'
  if (name.endsWith('-bin')) return 'has a name that gRPC keeps for binary values'
  return /^[\x20-\x7e]+$/.test(value) ? undefined : 'has characters that gRPC does not allow'
}

/**
 * Reads key and certificate of the client. One without the other would make the TLS library throw at the first export.
 */
function readClientPair(values: Values, signal: Signal): Pick<OtlpSettings, 'clientKeyFile' | 'clientCertificateFile'> {
  const key = values.text(otlpVariable('CLIENT_KEY', signal))
  const certificate = values.text(otlpVariable('CLIENT_CERTIFICATE', signal))
  if ((key === undefined) === (certificate === undefined)) {
    return { clientKeyFile: key, clientCertificateFile: certificate }
  }
  const present = key === undefined ? 'CLIENT_CERTIFICATE' : 'CLIENT_KEY'
  const missing = key === undefined ? 'CLIENT_KEY' : 'CLIENT_CERTIFICATE'
  const variable = values.isSet(otlpVariable(present, signal)) ? otlpVariable(present, signal) : otlpVariable(present)
  values.addProblem(variable, `needs ${otlpVariable(missing)} as well; using ${valueText(undefined)}`)
  return { clientKeyFile: undefined, clientCertificateFile: undefined }
}
