import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { runNode } from '../support/run-node.ts'

const FRAME = { headers: 1, settings: 4, continuation: 9 } as const
const STATUS_200 = Buffer.from([0x88])
const LITERAL_HEADER = Buffer.from([0x40, 1, 0x61, 1, 0x62])
const PREFACE_AND_SETTINGS_BYTES = 60

function frame(type: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

const repeated = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes))
const CONTINUATIONS = repeated(20, frame(FRAME.continuation, 1, repeated(500, LITERAL_HEADER)))

/** Answers the first request of a connection with a header block that does not end. */
function answerWithoutEnd(socket: Socket): void {
  let received = 0
  socket.on('error', () => {})
  socket.write(frame(FRAME.settings, 0, Buffer.alloc(0)))
  const flood = (): void => {
    while (!socket.destroyed && socket.write(CONTINUATIONS));
  }
  socket.on('data', (chunk) => {
    const isRequest = received <= PREFACE_AND_SETTINGS_BYTES && received + chunk.length > PREFACE_AND_SETTINGS_BYTES
    received += chunk.length
    if (!isRequest) return
    socket.write(frame(FRAME.headers, 1, STATUS_200))
    socket.on('drain', flood)
    flood()
  })
}

/** Whether V8 collects a session before its stream is chance: without `outliveStream`, three of four runs aborted. */
const RUNS = process.env['OBS_TEST_MATRIX'] === 'all' ? 5 : 1

test('a collector whose header block never ends does not make Node.js abort when V8 collects the session', async (t) => {
  const server = createServer(answerWithoutEnd)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  }
  const app = join(import.meta.dirname, 'apps/spans-and-exit.mjs')
  for (let run = 0; run < RUNS; run++) {
    const { code, signal, stderr } = await runNode(t, { app, env })
    assert.deepEqual([code, signal], [0, null])
    assert.match(stderr, /UNAVAILABLE: Too many CONTINUATION frames/)
  }
})
