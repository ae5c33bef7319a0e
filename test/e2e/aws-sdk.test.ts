import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientApp, withoutClients } from '../support/clients.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'

/** One span a call, however many requests over HTTP it takes; undefined for none; the service is another process to the app. */
const CALLS: Readonly<Record<string, string | undefined>> = {
  '/put': 'client DynamoDB.PutItem',
  '/publish': 'producer orders send',
  '/flaky': 'client DynamoDB.GetItem',
  '/refused': 'client DynamoDB.GetItem error',
  '/away': 'client DynamoDB.GetItem error',
  '/presign': undefined,
  '/callback': 'client DynamoDB.GetItem',
}

test('a call of the AWS SDK is one span', { skip: withoutClients() }, async (t) => {
  const app = await startServingApp(t, { app: clientApp('use-aws.mjs') })
  for (const [path, call] of Object.entries(CALLS)) {
    app.receiver.spans.splice(0)
    await app.get(path)
    const expected = call === undefined ? 'server GET' : `server GET\n└─ ${call}`
    await app.receiver.waitForSpans((spans) => treeOf(spans) === expected, 30_000).catch(() => {})
    assert.equal(treeOf(app.receiver.spans), expected, path)
  }
})

/** Without the requests that the service, in the same process here, served: they are in nobody's trace. */
function treeOf(spans: readonly ReceivedSpan[]): string {
  return spanTree(
    spans.filter(({ kind, attributes }) => kind !== 'server' || attributes['http.request.method'] !== 'POST'),
    ({ kind, name, status }) => `${kind} ${name}${status === 'error' ? ' error' : ''}`,
  )
}
