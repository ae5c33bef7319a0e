import { context, type ObservableResult } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { copyOrNew, copyWith } from '../copied.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { contextOfSender, type MessageFacts, type MessageOperation, Messaging } from '../operations/messaging.ts'
import { patchMethod } from '../operations/patch.ts'

/**
 * Traces and measures BullMQ. The trace context is stored where BullMQ's own telemetry stores it, in the job's option
 * `telemetry.metadata`, so that workers with either one continue the trace. A queue or worker that has a `telemetry` of
 * the app's own is not instrumented.
 */

const SYSTEM = 'bullmq'

function patchQueue({ Queue }: any, tracer: ClientTracer): void {
  const messaging = new Messaging(tracer)
  patchMethod(
    Queue.prototype,
    'add',
    (original) =>
      function (name, data, options) {
        if (hasOwnTelemetry(this)) return original.apply(this, arguments as never)
        const operation = messaging.start(factsOf(this, 'add', this.name))
        return operation.during(() =>
          original.call(this, name, data, carrying(operation, options)).then((job: any) => {
            const id = idOf(job)
            if (id !== undefined) operation.span.setAttribute('messaging.message.id', id)
            return job
          }),
        )
      },
  )
  patchMethod(
    Queue.prototype,
    'addBulk',
    (original) =>
      function (jobs) {
        if (hasOwnTelemetry(this) || !Array.isArray(jobs)) return original.apply(this, arguments as never)
        const operation = messaging.start({ ...factsOf(this, 'addBulk', this.name), count: jobs.length })
        return operation.during(() =>
          original.call(
            this,
            jobs.map((job) => carryingJob(operation, job)),
          ),
        )
      },
  )
  watchDepth(Queue, tracer)
}

function patchFlowProducer({ FlowProducer }: any, tracer: ClientTracer): void {
  const messaging = new Messaging(tracer)
  const carryingFlow = (operation: MessageOperation, flow: any): unknown => {
    const { children } = Object(flow)
    const copy = carryingJob(operation, flow)
    return Array.isArray(children)
      ? copyWith(copy as object, { children: children.map((child) => carryingFlow(operation, child)) } as object)
      : copy
  }
  patchMethod(
    FlowProducer.prototype,
    'add',
    (original) =>
      function (flow, options) {
        if (this.telemetry !== undefined) return original.apply(this, arguments as never)
        const operation = messaging.start({ ...factsOf(this, 'add', flow?.queueName), count: sizeOf(flow) })
        return operation.during(() => original.call(this, carryingFlow(operation, flow), options))
      },
  )
  patchMethod(
    FlowProducer.prototype,
    'addBulk',
    (original) =>
      function (flows) {
        if (this.telemetry !== undefined || !Array.isArray(flows)) return original.apply(this, arguments as never)
        const queues = new Set(flows.map((flow) => flow?.queueName))
        const [queue] = queues.size === 1 ? queues : [undefined]
        const count = flows.reduce((sum, flow) => sum + sizeOf(flow), 0)
        const operation = messaging.start({ ...factsOf(this, 'addBulk', queue), count })
        return operation.during(() =>
          original.call(
            this,
            flows.map((flow) => carryingFlow(operation, flow)),
          ),
        )
      },
  )
}

function sizeOf(flow: any): number {
  const children: unknown = flow?.children
  return 1 + (Array.isArray(children) ? children.reduce((sum: number, child) => sum + sizeOf(child), 0) : 0)
}

/** Errors with which a processor postpones a job, which is not a failure. */
const POSTPONED: ReadonlySet<unknown> = new Set([
  'DelayedError',
  'RateLimitError',
  'WaitingChildrenError',
  'WaitingError',
])

function patchWorker({ Worker }: any, tracer: ClientTracer): void {
  const messaging = new Messaging(tracer)
  patchMethod(
    Worker.prototype,
    'callProcessJob',
    (original) =>
      function (job) {
        if (hasOwnTelemetry(this)) return original.apply(this, arguments as never)
        const operation = messaging.start(factsOf(this, 'process', this.name, job), contextOfSender(carrierOf(job)))
        return context.with(operation.context, async () => {
          try {
            const result: unknown = await original.apply(this, arguments as never)
            operation.end()
            return result
          } catch (error) {
            if (POSTPONED.has(Object(error).name) || String(Object(error).message).startsWith('bullmq:'))
              operation.end()
            else operation.fail(error)
            throw error
          }
        })
      },
  )
}

function hasOwnTelemetry(queue: any): boolean {
  return queue.opts?.telemetry !== undefined
}

function factsOf({ opts }: any, operation: string, queue: unknown, job?: any): MessageFacts {
  const { host, port } = opts?.connection?.options ?? opts?.connection ?? {}
  return {
    system: SYSTEM,
    operation,
    type: operation === 'process' ? 'process' : 'send',
    destination: queue,
    address: host,
    port,
    ...(idOf(job) !== undefined && { more: { 'messaging.message.id': idOf(job) } }),
  }
}

/** Returns an id that BullMQ generated. An id that the app chose may contain user data. */
function idOf(job: any): string | undefined {
  const id: unknown = job?.id
  return typeof id === 'string' && /^(?:\d{1,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(id)
    ? id
    : undefined
}

function carryingJob(operation: MessageOperation, job: any): unknown {
  return typeof job === 'object' && job !== null ? copyWith(job, { opts: carrying(operation, job.opts) }) : job
}

function carrying(operation: MessageOperation, options: any): unknown {
  const { omitContext, metadata } = options?.telemetry ?? {}
  const headers = omitContext === true || metadata !== undefined ? undefined : operation.headers()
  return headers === undefined ? options : copyOrNew(options, { telemetry: { metadata: JSON.stringify(headers) } })
}

/** Returns the propagation carrier of a job. The job may have been added by any other program. */
function carrierOf(job: any): object | undefined {
  try {
    const carrier: unknown = JSON.parse(job.opts.telemetry.metadata as string)
    return typeof carrier === 'object' && carrier !== null ? carrier : undefined
  } catch {
    return undefined
  }
}

const STATES = ['waiting', 'active', 'delayed', 'failed', 'prioritized', 'waiting-children']

/**
 * Reports `bullmq.queue.jobs`, if enabled: reading it queries Redis. A scrape reports what was read at the previous
 * scrape.
 */
function watchDepth(Queue: any, tracer: ClientTracer): void {
  if (tracer.options['queueDepth'] !== true) return
  const queues = new Map<string, WeakRef<any>>()
  const read = new Map<string, Record<string, number>>()
  const refresh = async (name: string, queue: any): Promise<void> => {
    const counts = (await context.with(suppressTracing(context.active()), () =>
      queue.getJobCounts(...STATES),
    )) as Record<string, number>
    read.set(name, counts)
  }
  const observe = (result: ObservableResult): void => {
    for (const [name, reference] of queues) {
      const queue = reference.deref()
      if (queue === undefined || queue.closing !== undefined) {
        queues.delete(name)
        read.delete(name)
        continue
      }
      for (const [state, count] of Object.entries(read.get(name) ?? {}))
        result.observe(count, {
          'messaging.system': SYSTEM,
          'messaging.destination.name': name,
          'bullmq.job.state': state,
        })
      refresh(name, queue).catch(() => read.delete(name))
    }
  }
  let isObserved = false
  const found = (queue: any): void => {
    if (queues.get(queue.name)?.deref() === queue) return
    queues.set(queue.name, new WeakRef(queue))
    refresh(queue.name, queue).catch(() => {})
    if (isObserved) return
    isObserved = true
    tracer.meter
      .createObservableGauge('bullmq.queue.jobs', { unit: '{job}', description: 'Jobs of a queue, by state.' })
      .addCallback(observe)
  }
  for (const name of ['add', 'addBulk']) {
    patchMethod(
      Queue.prototype,
      name,
      (original) =>
        function () {
          found(this)
          return original.apply(this, arguments as never)
        },
    )
  }
}

const PATCHES = { queue: patchQueue, 'flow-producer': patchFlowProducer, worker: patchWorker }

export const client: Client = {
  hooks: Object.entries(PATCHES).map(([file, patch]) => ({
    packageName: 'bullmq',
    versions: ['>=5.0.0 <7'],
    files: ['cjs', 'esm'].map((format) => `bullmq/dist/${format}/classes/${file}.js`),
    patch: (exports, tracer) => {
      patch(exports, tracer)
      return exports
    },
  })),
  options: { queueDepth: 'boolean' },
}
