/**
 * What is loaded late, by name: each is an entry of the build and a file of its own in `dist/`, so that a process pays
 * for a part when it uses it. A `require` and not an `import()`: a preload and a resolve hook have to be synchronous.
 */
export interface Chunks {
  readonly 'parse-dot-env': typeof import('../settings/parse-dot-env.ts')
  readonly 'config-file': typeof import('../settings/declarative/translate.ts')
  readonly zipkin: typeof import('../export/zipkin.ts')
  readonly 'span-encoder': typeof import('../export/span-encoder.ts')
  readonly serialize: typeof import('../export/serialize.ts')
  readonly redaction: typeof import('../privacy/redaction.ts')
  readonly cloud: typeof import('../providers/cloud.ts')
  readonly views: typeof import('../sdk/views.ts')
  readonly 'console-logs': typeof import('../providers/console-logs.ts')
  readonly 'logger-provider': typeof import('../providers/logger-provider.ts')
  readonly 'older-propagators': typeof import('../providers/older-propagators.ts')
  readonly sampling: typeof import('../sampling/sampling.ts')
  readonly 'extra-hooks': typeof import('../hooks/extra.ts')
  readonly 'named-options': typeof import('../hooks/named-options.ts')
  readonly 'esm-hooks': typeof import('../hooks/esm.ts')
  readonly 'http2-server': typeof import('../instrumentation/http/http2-server.ts')
  readonly measures: typeof import('../instrumentation/measures.ts')
  readonly 'start-in-thread': typeof import('../threads/start-in-thread.ts')
  readonly 'thread-metrics': typeof import('../threads/thread-metrics.ts')
  readonly 'thread-gathering': typeof import('../threads/thread-gathering.ts')
  readonly 'thread-host': typeof import('../threads/host.ts')
  readonly settings: typeof import('../settings/read.ts')
  readonly stages: typeof import('../start/stages.ts')
  readonly 'push-metrics': typeof import('../export/push-metrics.ts')
  readonly 'sideport-server': typeof import('../sideport/open.ts')
  readonly 'process-metrics': typeof import('../sideport/process-metrics.ts')
  readonly fleet: typeof import('../fleet/fleet.ts')
  readonly 'fleet-snapshot': typeof import('../fleet/take-snapshot.ts')
  readonly 'fleet-holding': typeof import('../fleet/holding.ts')
  readonly 'cli-run': typeof import('../cli/run/run.ts')
  readonly 'cli-settings': typeof import('../cli/settings/settings.ts')
  readonly 'cli-doctor': typeof import('../cli/doctor/doctor.ts')
  readonly 'cli-init': typeof import('../cli/init/init.ts')
}

export function load<Name extends keyof Chunks>(name: Name): Chunks[Name] {
  return require(`./${name}.cjs`) as Chunks[Name]
}

/** The class that a chunk `instrumentation-<name>` made from the catalog exports. */
export function loadInstrumentation(name: string): { readonly Instrumentation: new (config: object) => unknown } {
  return require(`./instrumentation-${name}.cjs`) as ReturnType<typeof loadInstrumentation>
}
