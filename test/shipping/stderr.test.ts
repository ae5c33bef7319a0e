import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REGISTER } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { httpGet } from '../support/scrape.ts'
import { holds } from './shapes.ts'

/** Nobody reads stderr, and it is full before node starts: bare Node serves, and so it does under the preload. */
const APP = `
  require('node:http').createServer((request, response) => response.end('served')).listen(0, '127.0.0.1', function () {
    console.log('listening ' + this.address().port)
  })
  process.on('SIGTERM', () => {
    console.log('ended in order')
    process.exit(3)
  })`

/** Becomes node with such a stderr; its other end stays open, since it is inherited. */
const WITH_FULL_STDERR = `
import os, pty, socket, sys
kind, command = sys.argv[1], sys.argv[2:]
if kind == 'socket':
    ends = [end.detach() for end in socket.socketpair()]
elif kind == 'terminal':
    ends = list(pty.openpty())
else:
    ends = list(os.pipe())
for end in ends: os.set_inheritable(end, True)
os.set_blocking(ends[1], False)
for size in (4096, 1):
    try:
        while True: os.write(ends[1], b'x' * size)
    except BlockingIOError:
        pass
os.set_blocking(ends[1], True)
os.dup2(ends[1], 2)
os.close(ends[1])
if kind == "pipe of another user":
    os.fchown(2, 1, 1)
    os.fchmod(2, 0)
    os.setgid(65534)
    os.setuid(65534)
os.execv(command[0], command)
`

/** Many lines: a wrong setting, the start, every batch that is not taken. */
const TALKATIVE = {
  OTEL_LOG_LEVEL: 'debug',
  OTEL_TRACES_SAMPLER: 'no such sampler',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
}

const KINDS = ['pipe', 'socket', 'terminal', 'pipe of another user']

test('an app with a full stderr serves and exits as bare', { concurrency: 2 }, async (t) => {
  const rows = KINDS.map((kind) =>
    t.test(
      kind,
      { skip: process.platform !== 'linux' && 'Linux alone tells whether a write would block' },
      async (row) => {
        const args = ['-c', WITH_FULL_STDERR, kind, process.execPath, '--require', REGISTER, '-e', APP]
        const running = startProcess(row, 'python3', args, { env: TALKATIVE })
        const port = (await running.waitFor(/listening (\d+)/))[1]
        // Until the start line and the lines about the collector are written.
        for (const endMs = performance.now() + 500; performance.now() < endMs;) {
          assert.equal((await httpGet(`http://127.0.0.1:${port}/`)).body, 'served')
        }
        running.kill('SIGTERM')
        const { code, stdout } = await running.exited
        assert.deepEqual({ code, stdout }, { code: 3, stdout: `listening ${port}\nended in order\n` })
        holds('Limits', `a full ${kind} as stderr`, 'as bare; lines are dropped')
      },
    ),
  )
  await Promise.all(rows)
})

test('a socket that is not full gets our lines, and blocks for the app as before', async (t) => {
  const script = `
    require('node:http')
    setTimeout(() => {
      const flags = /^flags:\\s*(\\d+)/m.exec(require('node:fs').readFileSync('/proc/self/fdinfo/2', 'utf8'))[1]
      console.log('blocks', (parseInt(flags, 8) & require('node:fs').constants.O_NONBLOCK) === 0)
      process.exit()
    }, 1000)`
  const args = ['--require', REGISTER, '-e', script]
  const env = { ...TALKATIVE, OTEL_METRICS_EXPORTER: 'none' }
  const { stdout, stderr } = await startProcess(t, process.execPath, args, { env }).exited
  assert.equal(stdout, 'blocks true\n')
  assert.match(stderr, /^@paxx\/obs: OTEL_TRACES_SAMPLER/m)
  assert.match(stderr, /^@paxx\/obs: .*no side port$/m)
})
