import { REGISTER } from './paths.ts'

/**
 * What the end-to-end tests preload. `OBS_TEST_SUBJECT=upstream` runs them with upstream's preload, to distinguish a
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
    // Upstream's default detectors query the metadata addresses of cloud providers.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
  },
}

export const SUBJECT: Subject =
  process.env['OBS_TEST_SUBJECT'] === 'upstream' ? UPSTREAM : { name: 'obs', register: REGISTER, env: {} }
