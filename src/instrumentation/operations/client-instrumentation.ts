import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import type { Client, ClientHook } from './client.ts'
import { moduleOf, runPatch } from './patch.ts'
import { type ClientTracer, clientTracer } from './client-tracer.ts'

type Config = InstrumentationConfig & { readonly requireParentSpan?: boolean }

/** Creates the instrumentation of a client that has its own hooks. */
export function clientInstrumentation(
  name: string,
  { hooks = [], operations }: Client,
): new (config?: Config) => object {
  return class ClientInstrumentation extends InstrumentationBase<Config> {
    constructor(config: Config = {}) {
      super(`@paxx/obs/${name}`, VERSION, { requireParentSpan: operations?.requiresParentSpan ?? false, ...config })
    }

    protected override init(): InstrumentationNodeModuleDefinition[] {
      const tracer = clientTracer({
        currentTracer: () => this.tracer,
        currentMeter: () => this.meter,
        currentOptions: () => this.getConfig() as Readonly<Record<string, unknown>>,
      })
      return hooks.map((hook) => definitionOf(hook, tracer))
    }
  }
}

function definitionOf(hook: ClientHook, tracer: ClientTracer) {
  const { packageName, versions, files } = hook
  /** A module that is both required and imported is patched only once. */
  const patched = new WeakSet<object>()
  const apply = (exports: unknown): unknown => {
    const module = Object(moduleOf(exports)) as object
    if (patched.has(module)) return exports
    patched.add(module)
    return runPatch(hook, () => hook.patch(exports, tracer)) ?? exports
  }
  if (files === undefined) return new InstrumentationNodeModuleDefinition(packageName, [...versions], apply)
  const inner = files.map((file) => new InstrumentationNodeModuleFile(file, [...versions], apply, () => {}))
  return new InstrumentationNodeModuleDefinition(packageName, [...versions], undefined, undefined, inner)
}
