import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { askHttp } from '../../../src/export/sampling-http.ts'
import { strategyOfJson, strategyOfProtobuf } from '../../../src/export/strategy.ts'
import { STRATEGY_ANSWER } from '../../support/sampling-server.ts'

const answers: readonly (readonly [answer: object, read: object])[] = [
  [{ probabilisticSampling: { samplingRate: 0.25 } }, { rate: 0.25 }],
  [{ probabilisticSampling: { samplingRate: 0 } }, { rate: 0 }],
  [{ strategyType: 1, rateLimitingSampling: { maxTracesPerSecond: 20 } }, { perSecond: 20 }],
  [
    {
      probabilisticSampling: { samplingRate: 1 },
      operationSampling: {
        defaultSamplingProbability: 0.1,
        defaultLowerBoundTracesPerSecond: 0.5,
        perOperationStrategies: [
          { operation: 'GET /a', probabilisticSampling: { samplingRate: 1 } },
          { operation: '__proto__', probabilisticSampling: { samplingRate: 0.5 } },
        ],
      },
    },
    {
      defaultRate: 0.1,
      lowerBoundPerSecond: 0.5,
      rates: Object.fromEntries([
        ['GET /a', 1],
        ['__proto__', 0.5],
      ]),
    },
  ],
]

for (const [answer, read] of answers) {
  test(`${JSON.stringify(answer).slice(0, 60)} means the same over gRPC and over HTTP`, () => {
    const bytes = STRATEGY_ANSWER.encode(STRATEGY_ANSWER.fromObject(answer)).finish()
    assert.deepEqual(strategyOfProtobuf(bytes), read)
    assert.deepEqual(strategyOfJson(JSON.stringify(answer)), read)
  })
}

test('strategy types are accepted by name and by number', () => {
  const text = JSON.stringify({ strategyType: 'RATE_LIMITING', rateLimitingSampling: { maxTracesPerSecond: 3 } })
  assert.deepEqual(strategyOfJson(text), { perSecond: 3 })
})

test('an invalid strategy throws', () => {
  for (const text of ['', '{}', '1', '[]', '{"probabilisticSampling":{"samplingRate":2}}', '{"operationSampling":5}']) {
    assert.throws(() => strategyOfJson(text), text)
  }
})

function assertSound(read: () => object): void {
  let strategy: object
  try {
    strategy = read()
  } catch {
    return
  }
  for (const value of Object.values(strategy)) if (typeof value === 'number') assert.ok(value >= 0)
}

test('any bytes and any text yield a valid strategy or an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.json(), (bytes, json) => {
      assertSound(() => strategyOfProtobuf(bytes))
      assertSound(() => strategyOfJson(json))
    }),
    { numRuns: 500 },
  )
})

const HOSTILE: readonly (readonly [title: string, answer: (response: ServerResponse) => void, reason: RegExp])[] = [
  ['an answer without end', endless, /more than 1048576 bytes/],
  ['a redirect', (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(), /HTTP 302/],
  ['silence', () => {}, /timed out after 300 ms/],
  ['a reset', (response) => response.destroy(), /socket hang up/],
]

function endless(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
  }
  response.on('drain', more)
  more()
}

for (const [title, answer, reason] of HOSTILE) {
  test(`a sampling server's response with ${title} is rejected, within a limit`, async (t) => {
    const server = createServer((_, response) => answer(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close().closeAllConnections())
    const { port } = server.address() as AddressInfo
    // Only a server that never responds is waited for.
    const timeoutMs = title === 'silence' ? 300 : 30_000
    await assert.rejects(askHttp(new URL(`http://127.0.0.1:${port}/sampling`), undefined, timeoutMs), reason)
  })
}

test('credentials in the address become a header', async (t) => {
  const server = createServer((request, response) => response.end(request.headers.authorization))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sampling`)
  assert.equal(await askHttp(url, 'Basic dXNlcg==', 5000), 'Basic dXNlcg==')
})
