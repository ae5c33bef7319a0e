import { REGISTER } from './paths.ts'

/**
 * What the end-to-end tests preload. `OBS_TEST_SUBJECT=upstream` runs them against upstream's own preload, to tell a
 * wrong expectation from a fault of this package.
 */
export interface Subject {
  readonly name: 'obs' | 'upstream'
  readonly register: string
  readonly env: Readonly<Record<string, string>>
}

export const UPSTREAM: Subject = {
  name: 'upstream',
  register: '@opentelemetry/auto-instrumentations-node/register',
  env: {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,net,dns',
    // Its default set asks the cloud providers' metadata addresses.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
  },
}

export const SUBJECT: Subject =
  process.env['OBS_TEST_SUBJECT'] === 'upstream' ? UPSTREAM : { name: 'obs', register: REGISTER, env: {} }
