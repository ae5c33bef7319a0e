import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version of `@opentelemetry/auto-instrumentations-node`. */
export const upstreamVersion: string = (
  JSON.parse(
    readFileSync(
      join(import.meta.dirname, '../node_modules/@opentelemetry/auto-instrumentations-node/package.json'),
      'utf8',
    ),
  ) as { version: string }
).version

/**
 * What is compared. Each exports traces over OTLP/gRPC and serves metrics for Prometheus, so that all do the same work.
 */
export interface Subject<Name extends string = SubjectName> {
  readonly name: Name
  readonly nodeArgs: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export const SUBJECTS: readonly Subject[] = [
  { name: 'bare', nodeArgs: [], env: {} },
  {
    name: 'upstream',
    nodeArgs: ['--import', '@opentelemetry/auto-instrumentations-node/register'],
    env: {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_LOGS_EXPORTER: 'none',
      // Upstream's default detectors query the metadata addresses of cloud providers, which would dominate the result.
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
    },
  },
  { name: 'obs', nodeArgs: ['--import', join(import.meta.dirname, '..', 'register', 'index.cjs')], env: {} },
]

export type SubjectName = 'bare' | 'upstream' | 'obs'

/** A list of measurements per subject. */
export type BySubject<T, Name extends string = SubjectName> = Record<Name, T>

export function environmentOf(subject: Subject<string>, sinkPort: number, sidePort: number): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sinkPort}`,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(sidePort),
    OTEL_LOG_LEVEL: 'error',
    ...subject.env,
  }
}
