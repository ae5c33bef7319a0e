import type { SidePortSettings, SidePortTlsSettings } from './settings.ts'
import type { Values } from './values.ts'

const CERT = 'OBS_SIDE_PORT_TLS_CERT'
const KEY = 'OBS_SIDE_PORT_TLS_KEY'
const CLIENT_CA = 'OBS_SIDE_PORT_TLS_CLIENT_CA'
const USER = 'OBS_SIDE_PORT_USER'
const HASH = 'OBS_SIDE_PORT_PASSWORD_HASH'
const TOKEN = 'OBS_SIDE_PORT_TOKEN'

/** Variables that need another one to be set as well. */
const NEEDS: readonly (readonly [variable: string, needed: string])[] = [
  [CERT, KEY],
  [KEY, CERT],
  [CLIENT_CA, CERT],
  [USER, HASH],
  [HASH, USER],
]
const CLOSED = 'the side port stays closed'

export function readSidePort(values: Values): SidePortSettings {
  const blockedBy = findBlock(values)
  return {
    host: values.text('OTEL_EXPORTER_PROMETHEUS_HOST') ?? 'localhost',
    port: values.integer('OTEL_EXPORTER_PROMETHEUS_PORT'),
    tls: readTls(values),
    basicAuth: readBasicAuth(values),
    bearerToken: values.text(TOKEN),
    blockedBy,
  }
}

/** Returns the first protecting variable that is set but unusable. A problem is reported for each. */
function findBlock(values: Values): string | undefined {
  const blocks = new Set<string>()
  for (const variable of [CERT, KEY, CLIENT_CA, USER, HASH, TOKEN]) {
    if (!values.isWritten(variable) || values.isSet(variable)) continue
    values.addProblem(variable, CLOSED)
    blocks.add(variable)
  }
  for (const [variable, needed] of NEEDS) {
    if (!values.isSet(variable) || values.isWritten(needed)) continue
    values.addProblem(variable, `needs ${needed} as well; ${CLOSED}`)
    blocks.add(variable)
  }
  const [first] = blocks
  return first === undefined ? undefined : `${first} cannot be used`
}

function readTls(values: Values): SidePortTlsSettings | undefined {
  const certificateFile = values.text(CERT)
  const keyFile = values.text(KEY)
  if (certificateFile === undefined || keyFile === undefined) return undefined
  return { certificateFile, keyFile, clientCaFile: values.text(CLIENT_CA) }
}

function readBasicAuth(values: Values): SidePortSettings['basicAuth'] {
  const user = values.text(USER)
  const passwordHash = values.text(HASH)
  return user === undefined || passwordHash === undefined ? undefined : { user, passwordHash }
}
