import { connect, createServer } from 'node:net'
import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { finished as streamFinished } from 'node:stream/promises'

/** What a call with a callback gives. */
export const called = (start) =>
  new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))))

/** Waits for a failure; a success is one of the step. */
export async function failing(promise) {
  let value
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`nothing failed: ${String(value)}`)
}

export const finished = (stream) => streamFinished(stream)

/** A server in front of another one, whose answers it holds back on request. */
export async function proxy(port) {
  const sockets = new Set()
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const [from, to] of [[client, upstream], [upstream, client]]) from.on('error', () => {}).on('close', () => to.destroy()).pipe(to)
    sockets.add(upstream)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const each = (action) => sockets.forEach(action)
  return {
    port: server.address().port,
    hold: () => each((socket) => socket.unpipe()),
    close: () => (each((socket) => socket.destroy()), server.close()),
  }
}

/** Runs outside of any request: what waits for it must not lose its own. */
export const elsewhere = (run) => context.with(ROOT_CONTEXT, run)
