import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { startNode } from '../support/run-node.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { httpGet } from '../support/scrape.ts'
import { rawClient } from '../unit/sideport/opened.ts'

const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }

/** Ends by itself after a while, as a script does whose work is done. */
const SCRIPT = ['-e', 'setTimeout(() => console.log("done"), 1500)']

async function portOf(running: RunningProcess): Promise<number> {
  return Number((await running.waitFor(/metrics on https?:\/\/localhost:(\d+)\/metrics/, 'stderr'))[1])
}

test('clients of the side port, whatever they do, do not hold up the natural end', async (t) => {
  const running = startNode(t, { nodeArgsAfter: SCRIPT, env: QUIET })
  const port = await portOf(running)
  rawClient(t, port)
  rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: x\r\n')
  const kept = rawClient(t, port, 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
  const { code, stdout, elapsedMs } = await running.exited
  assert.match(kept.received(), /200 OK/)
  assert.deepEqual([code, stdout], [0, 'done\n'])
  assert.ok(elapsedMs < 4000, `${elapsedMs} ms`)
})

test('a port in use: one line names it, the app runs', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const env = { ...QUIET, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }
  const { code, stdout, stderr } = await startNode(t, { nodeArgsAfter: SCRIPT, env }).exited
  assert.deepEqual([code, stdout], [0, 'done\n'])
  const lines = stderr.split('\n').filter((line) => line.includes(`:${port}`))
  assert.equal(lines.length, 1, stderr)
  assert.match(lines[0] ?? '', /is in use/)
})

test('credentials by settings are asked for and never shown', async (t) => {
  const env = {
    ...QUIET,
    OTEL_LOG_LEVEL: 'debug',
    OBS_SIDE_PORT_USER: 'scraper',
    OBS_SIDE_PORT_PASSWORD_HASH: bcrypt.hashSync('pass', 4),
    OBS_SIDE_PORT_TOKEN: 'very-secret-token',
  }
  const running = startNode(t, { nodeArgsAfter: SCRIPT, env })
  const url = `http://127.0.0.1:${await portOf(running)}/metrics`
  const authorization = `Basic ${Buffer.from('scraper:pass').toString('base64')}`
  assert.equal((await httpGet(url)).status, 401)
  assert.equal((await httpGet(url, { authorization })).status, 200)
  const withToken = await httpGet(url, { authorization: 'Bearer very-secret-token' })
  assert.equal(withToken.status, 200)
  const { stderr } = await running.exited
  for (const secret of [env.OBS_SIDE_PORT_PASSWORD_HASH, env.OBS_SIDE_PORT_TOKEN]) {
    assert.ok(!stderr.includes(secret) && !withToken.body.includes(secret))
  }
})

test('every format, from the built package', async (t) => {
  const running = startNode(t, { nodeArgsAfter: SCRIPT, env: QUIET })
  const url = `http://127.0.0.1:${await portOf(running)}/metrics`
  const seen: string[] = []
  for (const accept of ['*/*', 'application/openmetrics-text;version=1.0.0', 'application/vnd.google.protobuf']) {
    for (const encoding of ['identity', 'gzip', 'zstd']) {
      const response = await fetch(url, { headers: { accept, 'accept-encoding': encoding } })
      const body = Buffer.from(await response.arrayBuffer())
      assert.ok(body.includes('target_info') && body.includes('nodejs_eventloop'), `${accept} ${encoding}`)
      seen.push(`${response.headers.get('content-type')?.split(';')[0]} ${response.headers.get('content-encoding')}`)
    }
  }
  assert.deepEqual(seen, [
    'text/plain null',
    'text/plain gzip',
    'text/plain zstd',
    'application/openmetrics-text null',
    'application/openmetrics-text gzip',
    'application/openmetrics-text zstd',
    'application/vnd.google.protobuf null',
    'application/vnd.google.protobuf gzip',
    'application/vnd.google.protobuf zstd',
  ])
  assert.equal((await running.exited).code, 0)
})
