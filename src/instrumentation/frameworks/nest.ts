import type { Tracer } from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { NestInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-nestjs-core'
import { patchedFile } from '../patched-file.ts'
import { recordFailure } from './failures.ts'
import type { FrameworkSpans } from './layer-spans.ts'
import { tracerOfNest } from './nest-spans.ts'
import { replaceMethod } from './replace-method.ts'

const SUPPORTED = ['>=4.0.0']

/**
 * The parts of an `ExecutionContextHost` that are used here. With HTTP, the first argument is the request of Express or
 * Fastify.
 */
interface Host {
  getArgByIndex?(index: number): unknown
}

type HandleException = (this: unknown, exception: unknown, host: Host) => unknown

interface Exports {
  readonly BaseExceptionFilter?: { readonly prototype: object }
}

interface NestOptions {
  readonly enabled?: boolean
  readonly frameworkSpans?: FrameworkSpans
}

interface Upstream {
  getConfig(): NestOptions
  init(): InstrumentationNodeModuleDefinition
  get tracer(): Tracer
}

const Base = UpstreamInstrumentation as unknown as new (config?: NestOptions) => Upstream

/**
 * Instruments Nest, whose routes are those of the underlying framework. Nest responds to exceptions of handlers itself;
 * they are recorded where it looks up their filter. Upstream's spans of handlers are optional.
 */
export class NestInstrumentation extends Base {
  /** Read by upstream when it starts to wrap handlers. */
  override get tracer(): Tracer {
    return tracerOfNest(super.tracer)
  }

  override init(): InstrumentationNodeModuleDefinition {
    const { frameworkSpans = 'none' } = this.getConfig()
    const definition =
      frameworkSpans === 'none'
        ? new InstrumentationNodeModuleDefinition('@nestjs/core', SUPPORTED, (exports: object) => exports)
        : super.init()
    const { patch } = definition
    definition.patch = (exports: Exports, version) => {
      // If Nest 12 is required, it is one ES module whose inner files no hook sees. This class is exported, and the
      // other one calls it.
      const { prototype } = exports.BaseExceptionFilter ?? {}
      if (prototype !== undefined) replaceMethod<HandleException>(prototype, 'catch', recordingFirst)
      return patch?.(exports, version) ?? exports
    }
    definition.files.push(
      patchedFile<{ readonly ExceptionsHandler?: { readonly prototype: object } }>(
        '@nestjs/core/exceptions/exceptions-handler.js',
        SUPPORTED,
        (exports) => {
          const { prototype } = exports.ExceptionsHandler ?? {}
          if (prototype !== undefined) replaceMethod<HandleException>(prototype, 'next', recording)
        },
      ),
    )
    return definition
  }
}

const failed = new WeakSet<object>()

function recording(next: HandleException): HandleException {
  return function (this: unknown, exception, host) {
    const request = requestOf(host)
    if (request !== undefined) {
      failed.add(request)
      recordFailure(request, exception)
    }
    return next.call(this, exception, host)
  }
}

/** A filter of the app may pass on an exception that it created from the recorded one. */
function recordingFirst(handle: HandleException): HandleException {
  return function (this: unknown, exception, host) {
    const request = requestOf(host)
    if (request !== undefined && !failed.has(request)) recordFailure(request, exception)
    return handle.call(this, exception, host)
  }
}

function requestOf(host: Host | undefined): object | undefined {
  const request = host?.getArgByIndex?.(0) as { readonly raw?: object } | null | undefined
  return typeof request === 'object' && request !== null ? (request.raw ?? request) : undefined
}
