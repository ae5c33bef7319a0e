import { type Context, context, type Span, trace } from '@opentelemetry/api'
import { enterContext } from '../../sdk/enter-context.ts'
import { listen } from '../guarded-channel.ts'
import { nameEndpoint } from './endpoint.ts'
import { activeResolvers, type ExecutionArgs, type Operations } from './operations.ts'

/** The message of a call. The same object is published on all channels of the call, with more members each time. */
interface Message {
  readonly result?: unknown
  readonly error?: unknown
}

interface Executing extends Message, ExecutionArgs {
  /** Versions before 17.1 have only the coerced values. */
  readonly rawVariableValues?: ExecutionArgs['variableValues']
}

interface Resolving extends Message {
  readonly fieldName: string
  readonly fieldPath: string
  readonly fieldType: string
  readonly parentType: string
  readonly isDefaultResolver?: boolean
}

/** Work that has begun and runs in a context of its own. */
interface Begun {
  readonly context: Context
  end(message: Message): void
}

/**
 * Subscribes to the tracing channels of graphql-js 17 and later. `startStep` is undefined if parsing and validation
 * have no spans.
 */
export function listenToGraphQL(
  operations: Operations,
  startStep: (name: string) => Span | undefined,
  hasResolvers: boolean,
): void {
  const begin = (message: Executing): Begun | undefined => {
    const variableValues = message.rawVariableValues ?? message.variableValues ?? null
    const operation = operations.begin({ ...message, variableValues })
    if (operation === undefined) return undefined
    return {
      context: operation.context,
      end: ({ error, result }) => (error === undefined ? operation.end(result) : operation.fail(error)),
    }
  }
  trackCalls<Executing>('execute', begin)
  trackCalls<Executing>('subscribe', begin)
  // Each event of a subscription is executed as an operation of its own.
  trackCalls<Executing>('execute:rootSelectionSet', (message) =>
    message.operation?.operation === 'subscription' ? begin(message) : undefined,
  )
  for (const name of ['parse', 'validate']) {
    trackCalls<Message>(name, () => {
      nameEndpoint()
      const span = startStep(name)
      return span && { context: trace.setSpan(context.active(), span), end: () => span.end() }
    })
  }
  if (hasResolvers) trackCalls<Resolving>('resolve', beginField)
}

function beginField(message: Resolving): Begun | undefined {
  const resolvers = activeResolvers()
  if (resolvers === undefined || (message.isDefaultResolver === true && !resolvers.hasTrivial)) return undefined
  const { fieldName: name, fieldType: type, parentType: parent, fieldPath } = message
  const path = fieldPath.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))
  const call = resolvers.enter({ path, name, type, parent })
  return call && { context: call.context, end: ({ error }) => (error === undefined ? call.end() : call.fail(error)) }
}

/**
 * Follows the calls on one tracing channel (`node:diagnostics_channel`) from start to end; for a call that returns a
 * promise, until it settles.
 */
function trackCalls<M extends Message>(name: string, begin: (message: M) => Begun | undefined): void {
  const running = new WeakMap<object, { readonly begun: Begun; readonly before: Context }>()
  const on = (event: string, onMessage: (message: M) => void): void =>
    void listen<M>(`tracing:graphql:${name}:${event}`, onMessage)
  on('start', (message) => {
    const before = context.active()
    const begun = begin(message)
    if (begun === undefined) return
    running.set(message, { begun, before })
    enterContext(begun.context)
  })
  const end = (message: M): void => {
    const { begun } = running.get(message) ?? {}
    running.delete(message)
    begun?.end(message)
  }
  on('end', (message) => {
    const { before } = running.get(message) ?? {}
    if (before === undefined) return
    enterContext(before)
    if ('result' in message || 'error' in message) end(message)
  })
  on('asyncEnd', end)
}
