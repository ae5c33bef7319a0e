import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from '../operations/attributes.ts'
import { heardBack } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { moduleOf, patchMethod } from '../operations/patch.ts'

/** A command as the methods of the client compose it. */
interface Query {
  readonly type?: unknown
  /** The whole list of `getMulti`, which sends one command to each server. */
  readonly key?: unknown
  readonly multi?: unknown
  readonly command?: unknown
  /** Names and types of the members that the client checks before it sends the command. */
  readonly validate?: unknown
  callback?: unknown
}

function patch(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = moduleOf(exports)
  patchMethod(
    prototype,
    'command',
    (original) =>
      function (compose, server, ...others) {
        if (typeof compose !== 'function') return original.call(this, compose, server, ...others)
        let span: Span | undefined
        let hasCallback = false
        const observed = (...args: unknown[]): Query => {
          const query = compose(...args) as Query
          // A command that several servers get is composed again for the others.
          if (span !== undefined) return query
          span = tracer.start(...describe(factsOf(this, query, server, tracer)))
          if (typeof query.callback === 'function') {
            hasCallback = true
            query.callback = endedBy(query.callback as Callback, span)
          } else if (isRefused(query)) endFailed(span, { name: 'Error', message: NO_CALLBACK })
          return query
        }
        const result = original.call(this, observed, server, ...others)
        // Without a callback, the outcome is unknown.
        if (!hasCallback) (span as Span | undefined)?.end()
        return result
      },
  )
  watchRefusedValues(prototype, tracer)
  return exports
}

type Callback = (...args: any[]) => unknown

function endedBy(callback: Callback, span: Span): Callback {
  return heardBack(callback, (error) => {
    // Several errors are a list.
    if (error) endFailed(span, Array.isArray(error) ? error[0] : error)
    else span.end()
  })
}

const NO_CALLBACK = 'Argument "callback" is not a valid Function.'

/** Returns whether the client does not send a command without a callback. */
function isRefused({ validate }: Query): boolean {
  return Array.isArray(validate) && validate.some((check) => Array.isArray(check) && check[0] === 'callback')
}

/** The methods that refuse a value that is too long before they compose a command. */
const SETTERS = ['set', 'replace', 'add', 'cas', 'append', 'prepend']

/** Records the values that a setter refuses, which the client reports by calling a method of its prototype. */
function watchRefusedValues(prototype: any, tracer: ClientTracer): void {
  let setting: OperationFacts | undefined
  for (const operation of SETTERS) {
    patchMethod(
      prototype,
      operation,
      (original) =>
        function (key) {
          const { servers, HashRing } = this
          setting = { system: 'memcached', operation, ...placeOf(serverFor(key, servers, HashRing)) }
          try {
            return original.apply(this, arguments as never)
          } finally {
            setting = undefined
          }
        },
    )
  }
  patchMethod(
    prototype,
    'makeCallback',
    (original) =>
      function (_, error) {
        if (this === prototype && setting !== undefined && error) endFailed(tracer.start(...describe(setting)), error)
        return original.apply(this, arguments as never)
      },
  )
}

function describe(facts: OperationFacts): [name: string, attributes: ReturnType<typeof operationAttributes>] {
  return [spanNameOf(facts), operationAttributes(facts)]
}

function factsOf(client: any, query: Query, server: unknown, { options }: ClientTracer): OperationFacts {
  const { type, key, command } = query
  return {
    system: 'memcached',
    operation: typeof type === 'string' ? type : undefined,
    statement: options['enhancedDatabaseReporting'] === true ? command : textOf(query),
    ...placeOf(server ?? serverFor(key, client.servers, client.HashRing)),
  }
}

/** Returns a command with its keys, and `?` for everything else, as for Redis: `set key ?`. */
function textOf({ type, key, multi, command }: Query): unknown {
  if (multi === true) return command
  if (typeof key !== 'string') return type
  const shown = `${String(type)} ${key}`
  return command === shown ? shown : `${shown} ?`
}

/** Returns the server that the client chooses for a key. */
function serverFor(key: unknown, servers: unknown, ring: any): unknown {
  if (Array.isArray(servers) && servers.length === 1) return servers[0]
  return typeof key === 'string' ? ring?.get(key) : undefined
}

/** Servers are given as `host`, `host:port` or the path of a socket. */
function placeOf(server: unknown): Pick<OperationFacts, 'address' | 'port'> {
  if (typeof server !== 'string') return {}
  if (server.startsWith('/')) return { address: server }
  const [, address = server, port = '11211'] = /^(.+):(\d+)$/.exec(server) ?? []
  return { address, port }
}

export const client: Client = {
  hooks: [{ packageName: 'memcached', versions: ['>=2.2.0 <3'], patch }],
  options: { enhancedDatabaseReporting: 'boolean' },
  operations: { requiresParentSpan: false },
}
