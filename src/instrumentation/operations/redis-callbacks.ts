import { operationAttributes } from './attributes.ts'
import { boundToCaller } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import { moduleOf, patchMethod } from './patch.ts'
import { statementOf } from './redis-commands.ts'
import { type RedisOutcome, RedisTransactions } from './redis-transactions.ts'

/** Patches redis 2 and 3. */
export function patchCallbacks(exports: any, tracer: ClientTracer): unknown {
  /** Commands that wait for their connection: they are sent a second time. */
  const sent = new WeakSet<object>()
  patchMethod(
    moduleOf(exports).RedisClient.prototype,
    'internal_send_command',
    (original) =>
      function (command) {
        if (typeof command !== 'object' || command === null || sent.has(command))
          return original.apply(this, arguments as never)
        sent.add(command)
        const outcome = observeCallback(this, command, tracer)
        try {
          return original.apply(this, arguments as never)
        } catch (thrown) {
          outcome?.failed(thrown)
          throw thrown
        }
      },
  )
  return exports
}

/**
 * The errors with which the client flushes its queues. It reports them to commands that have a callback, and ignores
 * them for the others.
 */
const FLUSHED: ReadonlySet<unknown> = new Set(['UNCERTAIN_STATE', 'NR_CLOSED', 'CONNECTION_BROKEN'])

const transactionsOfClients = new WeakMap<object, RedisTransactions>()

function observeCallback(client: any, command: any, tracer: ClientTracer): RedisOutcome | undefined {
  const { command: name, args, callback } = command
  const { host, port, path } = client.connection_options ?? {}
  const statement = statementOf(name, args, tracer)
  const span = tracer.start(
    name,
    operationAttributes({
      system: 'redis',
      namespace: String(client.selected_db ?? 0),
      operation: name,
      statement,
      address: path ?? host,
      port: path === undefined ? port : undefined,
    }),
  )
  let transactions = transactionsOfClients.get(client)
  if (transactions === undefined) transactionsOfClients.set(client, (transactions = new RedisTransactions()))
  const outcome = transactions.sent(name, span)
  const inCaller = boundToCaller(callback)
  command.callback = function (this: unknown, error: any, reply: unknown) {
    if (error) outcome.failed(error)
    else outcome.answered(reply)
    if (typeof inCaller === 'function') return inCaller.apply(this, arguments)
    // Without a callback, the client emits an error.
    return error && !FLUSHED.has(error.code) ? client.emit('error', error) : undefined
  }
  return outcome
}
