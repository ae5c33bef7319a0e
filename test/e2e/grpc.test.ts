import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNode } from '../support/run-node.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'
import { eventually } from '../support/eventually.ts'

/**
 * By path, which is one call: method, status of the client's span and of the server's; `!` marks a failed span. A deadline expires on
 * both sides at about the same time: the server sees its own, or the cancellation of a client whose deadline came first.
 */
const CALLS: Readonly<Record<string, readonly [method: string, client: string, server: string]>> = {
  '/ok': ['shop.Carts/Get', 'OK', 'OK'],
  '/not-found': ['shop.Carts/Get', 'NOT_FOUND!', 'NOT_FOUND'],
  '/internal': ['shop.Carts/Get', 'INTERNAL!', 'INTERNAL!'],
  '/error': ['shop.Carts/Get', 'UNKNOWN!', 'UNKNOWN!'],
  '/deadline': ['shop.Carts/Get', 'DEADLINE_EXCEEDED!', 'DEADLINE_EXCEEDED or CANCELLED'],
  '/cancelled': ['shop.Carts/Get', 'CANCELLED!', 'CANCELLED'],
  '/upload': ['shop.Carts/Upload', 'OK', 'OK'],
  '/list': ['shop.Carts/List', 'OK', 'OK'],
  '/list-fails': ['shop.Carts/List', 'DATA_LOSS!', 'DATA_LOSS!'],
  '/list-cancelled': ['shop.Carts/List', 'CANCELLED!', 'CANCELLED'],
  '/chat': ['shop.Carts/Chat', 'OK', 'OK'],
  '/chat-cancelled': ['shop.Carts/Chat', 'CANCELLED!', 'CANCELLED'],
  '/upload-cancelled': ['shop.Carts/Upload', 'CANCELLED!', 'CANCELLED'],
}

/** One call and what serves it are one span each. */
const TREES = Object.values(CALLS).map(
  ([method, client, server]) => `
server GET
└─ client ${method} ${client}
   └─ server ${method} ${server}
      └─ internal inside`,
)

/** A method that the server does not have is no name of a span or label. */
const UNKNOWN = `
server GET
└─ client shop.Carts/Gone UNIMPLEMENTED!
   └─ server _OTHER UNIMPLEMENTED!`

test('a gRPC call is one client and one server span, with its final status', async (t) => {
  const app = await startServingApp(t, { app: 'use-grpc.mjs' })
  for (const path of [...Object.keys(CALLS), '/unknown']) await app.get(path)
  await treeIs(app, [...TREES, UNKNOWN].join(''))
})

test('calls are measured on both sides, and have the same results as bare', async (t) => {
  const app = await startServingApp(t, { app: 'use-grpc.mjs' })
  const bare = startNode(t, { app: 'use-grpc.mjs', preload: 'none' })
  const [, port] = await bare.waitFor(/^listening (\d+)$/m)
  for (const path of Object.keys(CALLS)) {
    const [answered, expected] = [await app.get(path), await httpGet(`http://127.0.0.1:${port}${path}`)]
    assert.equal(answered.body.replace(VARYING, ''), expected.body.replace(VARYING, ''))
  }
  const total = Object.keys(CALLS).length
  await eventually(async () => (await scrape(app.sidePort)).sum('rpc_server_call_duration_seconds_count') === total)
  const metrics = await scrape(app.sidePort)
  for (const side of ['client', 'server'] as const) {
    const calls = Object.values(CALLS).map(([method, client, server]) => ({
      method,
      outcome: { client, server }[side],
    }))
    for (const { method, outcome } of calls.filter((call) => !/DEADLINE|CANCELLED/.test(call.outcome))) {
      const same = calls.filter((call) => call.method === method && call.outcome === outcome)
      const status = outcome.replace('!', '')
      const labels = {
        rpc_system_name: 'grpc',
        rpc_method: method,
        rpc_status_code: status,
        ...(status === outcome ? {} : { error_type: status }),
      }
      assert.equal(metrics.sum(`rpc_${side}_call_duration_seconds_count`, labels), same.length, JSON.stringify(labels))
    }
    const ofStatus = (status: string): number =>
      metrics.sum(`rpc_${side}_call_duration_seconds_count`, { rpc_system_name: 'grpc', rpc_status_code: status })
    const [expired, cancelled] = [ofStatus('DEADLINE_EXCEEDED'), ofStatus('CANCELLED')]
    assert.equal(expired + cancelled, 5)
    if (side === 'client') assert.equal(expired, 1)
    else assert.ok(cancelled >= 4, String(cancelled))
  }
})

/** How long a call took, and to whom. */
const VARYING = /after .*/

const SERVED_AT_DEADLINE = /(DEADLINE_EXCEEDED!\n.*server \S+ )(?:DEADLINE_EXCEEDED!|CANCELLED)/

async function treeIs(app: ServingApp, tree: string): Promise<void> {
  const drawn = (): string =>
    spanTree(app.receiver.spans, ({ kind, name, attributes, status }) => {
      const code = attributes['rpc.status_code']
      return `${kind} ${name}${code === undefined ? '' : ` ${String(code)}`}${status === 'error' ? '!' : ''}`
    }).replace(SERVED_AT_DEADLINE, '$1DEADLINE_EXCEEDED or CANCELLED')
  await eventually(() => assert.equal(drawn(), tree.trim()), 30_000)
}
