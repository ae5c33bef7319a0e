import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import protobuf from 'protobufjs'
import type { Type } from 'protobufjs'

/**
 * OTLP's own .proto files, as included in Elastic's mock server, so that the tests decode with other code than this
 * package encodes with.
 */
export type SignalName = 'traces' | 'metrics' | 'logs'

export interface SignalSchema {
  readonly grpcPath: string
  readonly httpPath: string
  readonly request: Type
  readonly response: Type
}

const protoFolder = join(dirname(createRequire(import.meta.url).resolve('@elastic/mockotlpserver/package.json')))
const root = new protobuf.Root()
root.resolvePath = (_origin, target) => join(protoFolder, target)
root.loadSync(
  ['trace', 'metrics', 'logs'].map((name) => `opentelemetry/proto/collector/${name}/v1/${name}_service.proto`),
)

function schema(signal: SignalName, folder: string, noun: string): SignalSchema {
  const name = `opentelemetry.proto.collector.${folder}.v1`
  return {
    grpcPath: `/${name}.${noun}Service/Export`,
    httpPath: `/v1/${signal}`,
    request: root.lookupType(`${name}.Export${noun}ServiceRequest`),
    response: root.lookupType(`${name}.Export${noun}ServiceResponse`),
  }
}

export const SCHEMAS: Readonly<Record<SignalName, SignalSchema>> = {
  traces: schema('traces', 'trace', 'Trace'),
  metrics: schema('metrics', 'metrics', 'Metrics'),
  logs: schema('logs', 'logs', 'Logs'),
}
