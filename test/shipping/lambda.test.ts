import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { startRawPeer } from '../support/raw-peer.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { installed } from './packages.ts'
import { CLIENT, runFunction, type Answer } from './runtime-api.ts'
import { holds } from './shapes.ts'

/** Each answers `{ "n": … }`, and fails where the event says so. */
const HANDLERS: Readonly<Record<string, string>> = {
  'async.js': `exports.handler = async (event) => { if (event.fail) throw new Error('failed'); return { n: event.n } }`,
  'sync.js': `exports.handler = (event) => { if (event.fail) throw new Error('failed'); return { n: event.n } }`,
  'nested.cjs': `exports.api = { v1: { handler: async (event) => { if (event.fail) throw new Error('failed'); return { n: event.n } } } }`,
  'module.mjs': `export const handler = async (event) => { if (event.fail) throw new Error('failed'); return { n: event.n } }`,
  'stream.mjs': `export const handler = awslambda.streamifyResponse(async (event, stream) => {
    if (event.fail) throw new Error('failed')
    stream.write('{"n":')
    await new Promise((resolve) => setTimeout(resolve, 20))
    stream.end(event.n + '}')
  })`,
  'frozen.js': `module.exports = Object.freeze({ handler: async (event) => { if (event.fail) throw new Error('failed'); return { n: event.n } } })`,
  'getter.js': `
    const handler = async (event) => { if (event.fail) throw new Error('failed'); return { n: event.n } }
    Object.defineProperty(exports, 'handler', { enumerable: true, get() { return handler } })`,
  // A span below the invocation's has ended, and it does not end itself.
  'exit.js': `exports.handler = ({ url }) => fetch(url).finally(() => process.exit(3))`,
  'timeout.js': `exports.handler = ({ url }) => fetch(url).finally(() => new Promise(() => setInterval(() => {}, 1000)))`,
  // Metrics of a call, a log record, and a span below the invocation's.
  'busy.js': `
    const { createServer } = require('node:http')
    exports.handler = async (event) => {
      console.log('order', event.n)
      const server = createServer((request, response) => response.end()).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      await fetch('http://127.0.0.1:' + server.address().port).then((response) => response.text())
      await new Promise((resolve) => server.close(resolve))
      return { n: event.n }
    }`,
}

function functionFolder(t: TestContext): string {
  const folder = temporaryFolder(t, 'lambda')
  for (const [name, text] of Object.entries(HANDLERS)) writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(folder, 'node_modules/@opentelemetry'))
  return folder
}

/** So that a slow machine does not reach the bound. */
const PATIENT = { OBS_SIGNAL_FLUSH_TIMEOUT: '15000' }
const EVENTS = [{ n: 1 }, { n: 2, fail: true }, { n: 3 }]
const RIC = installed('aws-lambda-ric/index.mjs')

const ROWS: readonly {
  readonly handler: string
  readonly client: readonly string[] | undefined
  readonly by: string
}[] = [
  { handler: 'async.handler', client: [CLIENT, 'require'], by: 'require' },
  { handler: 'sync.handler', client: [CLIENT, 'require'], by: 'require' },
  { handler: 'module.handler', client: [CLIENT, 'import'], by: 'import' },
  ...[
    'async.handler',
    'sync.handler',
    'nested.api.v1.handler',
    'module.handler',
    'stream.handler',
    'frozen.handler',
    'getter.handler',
  ].map((handler) => ({
    handler,
    client: RIC === undefined || !existsSync(join(RIC, '../rapid-client.node')) ? undefined : [RIC],
    by: 'aws-lambda-ric',
  })),
]

test('the telemetry of an invocation is exported before the response is returned', { concurrency: 2 }, async (t) => {
  const rows = ROWS.map(({ handler, client, by }) =>
    t.test(
      `${handler}, ${by}`,
      { skip: client === undefined && 'not installed: npm ci --prefix test/shipping/every' },
      async (row) => {
        const folder = functionFolder(row)
        const receiver = await OtlpReceiver.start(row)
        const options = { folder, handler, events: EVENTS }
        const bare = await runFunction(row, { ...options, args: client ?? [] })
        const ours = await runFunction(row, {
          ...options,
          args: ['--require', REGISTER, ...(client ?? [])],
          env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, ...PATIENT },
          frozen: (_answer, invocation) => eventually(() => assert.equal(receiver.spans.length, invocation)),
        })
        assert.deepEqual(ours.map(seen), bare.map(seen))
        const spans = receiver.spans.map(({ name, kind, attributes, status }) => [
          name,
          kind,
          attributes['faas.invocation_id'],
          status,
        ])
        assert.deepEqual(
          spans.map(([name, kind, id]) => [name, kind, id]),
          [1, 2, 3].map((n) => ['shop', 'server', `request-${n}`]),
        )
        assert.equal(receiver.spans[0]?.resource['service.name'], 'shop')
        assert.equal(receiver.spans[0]?.resource['faas.version'], '7')
        holds('AWS Lambda', `\`${handler}\` loaded by ${by}`, 'as bare; each span leaves before the response')
      },
    ),
  )
  await Promise.all(rows)
})

/** Stacks name the files that a call went through. */
function seen({ kind, body }: Answer): unknown {
  return { kind, body: kind === 'error' ? /"errorMessage":"([^"]*)"/.exec(body)?.[1] : body }
}

test('metrics are pushed and log records sent with each invocation, and the spans below it', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  await runFunction(t, {
    folder: functionFolder(t),
    handler: 'busy.handler',
    events: EVENTS,
    args: ['--require', REGISTER, CLIENT, 'require'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_LOGS_EXPORTER: 'otlp',
      OBS_CONSOLE_LOGS: 'export',
      ...PATIENT,
    },
    frozen: (_answer, invocation) =>
      eventually(() => {
        const pushed = receiver.metrics.filter(({ name }) => name === 'http.client.request.duration').length
        const calls = receiver.spans.filter(({ kind }) => kind === 'client').length
        assert.deepEqual([calls, receiver.logs.length], [invocation, invocation])
        assert.ok(pushed >= invocation, `${pushed} exports of metrics`)
      }),
  })
})

test('a collector that does not answer holds no invocation up for longer than the bound', async (t) => {
  const { url } = await startRawPeer(t, 'silent')
  const answers = await runFunction(t, {
    folder: functionFolder(t),
    handler: 'async.handler',
    events: [{ n: 1 }, { n: 2 }, { n: 3 }],
    args: ['--require', REGISTER, CLIENT, 'require'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OBS_SIGNAL_FLUSH_TIMEOUT: '300' },
  })
  assert.deepEqual(
    answers.map(({ body }) => body),
    ['{"n":1}', '{"n":2}', '{"n":3}'],
  )
})

async function invokeOnce(
  t: TestContext,
  receiver: OtlpReceiver,
  handler: string,
  env: Record<string, string>,
): Promise<void> {
  await runFunction(t, {
    folder: functionFolder(t),
    handler,
    events: [{ url: receiver.httpUrl }],
    invocationTimeoutMs: 5000,
    args: ['--require', REGISTER, CLIENT, 'require'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_BSP_SCHEDULE_DELAY: '60000', ...env },
  })
}

test('an invocation that does not come to its end', { concurrency: 2 }, async (t) => {
  await Promise.all([
    t.test('has its span, with an error, when it ends the process', async (row) => {
      const receiver = await OtlpReceiver.start(row)
      await assert.rejects(
        invokeOnce(row, receiver, 'exit.handler', { OBS_EXIT_FLUSH_TIMEOUT: '60000' }),
        /the function ended with 3/,
      )
      const spans = receiver.spans.map(({ kind, status }) => `${kind} ${status}`)
      assert.deepEqual(spans.toSorted(), ['client error', 'server error'])
    }),
    t.test('has the spans below it exported before its timeout', async (row) => {
      const receiver = await OtlpReceiver.start(row)
      invokeOnce(row, receiver, 'timeout.handler', {}).catch(() => {})
      const [span] = await receiver.waitForSpans(1, 20_000)
      assert.equal(span?.kind, 'client')
    }),
  ])
})

test('the layer starts the function through its exec wrapper', async (t) => {
  const layer = temporaryFolder(t, 'layer')
  execFileSync('sh', [join(ROOT, 'deploy/lambda/build-layer.sh'), layer], {
    env: { ...process.env, OBS_PACKAGE: ROOT },
  })
  const wrapper = join(layer, 'obs-exec')
  assert.match(readFileSync(wrapper, 'utf8'), /^#!\/bin\/sh/)
  const receiver = await OtlpReceiver.start(t)
  await runFunction(t, {
    folder: functionFolder(t),
    handler: 'module.handler',
    events: EVENTS,
    // As Lambda does with AWS_LAMBDA_EXEC_WRAPPER: the wrapper gets the runtime's command line.
    args: [
      '-e',
      `require('node:child_process').spawn(${JSON.stringify(wrapper)}, process.argv.slice(1), { stdio: 'inherit' })`,
      process.execPath,
      CLIENT,
      'import',
    ],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, ...PATIENT },
    frozen: (_answer, invocation) => eventually(() => assert.equal(receiver.spans.length, invocation)),
  })
  holds('AWS Lambda', "the layer's exec wrapper", 'as bare; each span leaves before the response')
})
