import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { majorNodeVersions } from '../support/matrix.ts'
import type { NodeVersion } from '../support/matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import type { RunResult } from '../support/running-process.ts'

/** Requests that are sent in every way there is: what the peer receives and what the app sees is what it is without us. */

const NOTHING = join(ROOT, 'test/support/no-preload.cjs')

/** What of a span depends on the form of the call; ports are random. */
type Measured = readonly [status: number | undefined, errorType: string | undefined, address?: string]

const REQUESTS: Readonly<Record<string, Measured>> = {
  'GET /url-text?q=1': [200, undefined],
  'GET /url-object': [200, undefined],
  'POST /url-with-own-fields': [200, undefined],
  'GET /url-credentials': [200, undefined],
  'GET /undefined-options': [200, undefined],
  'GET /localhost': [200, undefined, 'localhost'],
  'GET /array-flat': [200, undefined],
  'GET /array-pairs': [200, undefined],
  'GET /default-port': [200, undefined],
  'GET /agent-default-port': [200, undefined],
  'GET /foreign-host': [200, undefined],
  'GET /absolute-path': [200, undefined, 'proxied.test'],
  'POST /lower-case-method': [200, undefined],
  'HTTP /other-method': [200, undefined],
  'GET /create-connection-fails': [undefined, 'ENOWAY', 'elsewhere.test'],
  'PUT /body-late': [200, undefined],
  'POST /expect': [200, undefined],
  'GET /no-reader': [200, undefined],
  'GET /not-found': [404, '404'],
  'GET /not-modified': [304, undefined],
  'HEAD /head': [200, undefined],
  'GET /hints': [200, undefined],
  'GET /upgrade': [101, undefined],
  'GET /upgrade-refused': [403, '403'],
  'CONNECT ': [200, undefined, 'connect.test'],
  'GET /cut': [200, 'ECONNRESET'],
  'GET /garbage': [undefined, 'HPE_INVALID_CONSTANT'],
  'GET /reset': [undefined, 'ECONNRESET'],
  'GET /refused': [undefined, 'ECONNREFUSED'],
  'GET /not-found-name': [undefined, 'ENOTFOUND', 'nowhere.test'],
  'GET /aborted-before': [undefined, 'AbortError'],
  'GET /silent?timed-out': [undefined, 'TimeoutError'],
  'GET /silent?timeout-destroyed': [undefined, 'ETIMEDOUT'],
  'GET /silent?abort-method': [undefined, 'AbortError'],
  'GET /destroyed-at-once': [undefined, 'ECONNRESET'],
  'GET /slow-body?response-destroyed': [200, undefined],
  'GET /emit-replaced': [200, undefined],
}

const FETCHES: Readonly<Record<string, Measured>> = {
  'GET /fetch-text?q=1': [200, undefined],
  'GET /fetch-request': [200, undefined],
  'PUT /fetch-stream': [200, undefined],
  'HTTP /fetch-method': [400, '400'],
  'GET /redirect': [302, undefined],
  'GET /redirected': [200, undefined],
  'GET /not-found': [404, '404'],
  'GET /cut': [200, 'UND_ERR_SOCKET'],
  'GET /fetch-refused': [undefined, 'ECONNREFUSED'],
  'GET /silent?fetch-aborted': [undefined, 'AbortError'],
  'GET /silent?fetch-timed-out': [undefined, 'TimeoutError'],
  'GET /endless?fetch-cancelled': [200, 'AbortError'],
  'GET /websocket': [403, '403'],
  'GET /h2-object': [200, undefined],
  'POST /h2-post': [200, undefined],
  'GET /reset': [undefined, 'ERR_HTTP2_STREAM_ERROR'],
  'GET /silent': [undefined, 'AbortError'],
}

const PROGRAMS = [
  { app: 'use-call-forms.cjs', expected: REQUESTS },
  { app: 'use-fetch-forms.mjs', expected: FETCHES },
]

/** By the form's name. */
function lines({ stdout }: RunResult): Record<string, unknown> {
  const forms = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly name: string })
  return Object.fromEntries(forms.map((form) => [form.name, form]))
}

function warnings({ stderr }: RunResult): string[] {
  return splitStderr(stderr).app.map((line) => line.replace(/\(node:\d+\)/, ''))
}

async function spansOf(t: TestContext, app: string, { execPath }: NodeVersion): Promise<ReceivedSpan[]> {
  const receiver = await OtlpReceiver.start(t)
  const bare = await runNode(t, { app, execPath, register: NOTHING })
  const preloaded = await runNode(t, {
    app,
    execPath,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OBS_FLEET: 'false',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
      OBS_CAPTURE: 'query',
    },
  })
  assert.deepEqual(lines(preloaded), lines(bare))
  assert.deepEqual(warnings(preloaded), warnings(bare))
  assert.deepEqual([preloaded.code, preloaded.signal], [bare.code, bare.signal])
  return receiver.spans.filter(({ kind }) => kind === 'client')
}

for (const version of majorNodeVersions()) {
  for (const { app, expected } of PROGRAMS) {
    test(`${app} on Node ${version.label}`, async (t) => {
      const spans = await spansOf(t, app, version)
      const byName = new Map(spans.map((span) => [`${span.name} ${pathOf(span)}`, span]))
      const measured = Object.fromEntries(
        Object.keys(expected).map((name) => {
          const attributes = byName.get(name)?.attributes ?? {}
          return [
            name,
            [attributes['http.response.status_code'], attributes['error.type'], attributes['server.address']],
          ]
        }),
      )
      const wanted = Object.entries(expected).map(([name, [status, type, address = '127.0.0.1']]) => [
        name,
        [status, type, address],
      ])
      assert.deepEqual(measured, Object.fromEntries(wanted))
      for (const span of spans) {
        assert.ok(
          originOf(span) === undefined || String(span.attributes['url.full']).startsWith(`${originOf(span)}/`),
          span.name,
        )
        assert.equal(span.status, span.attributes['error.type'] === undefined ? 'unset' : 'error', pathOf(span))
      }
    })
  }
}

function pathOf({ attributes }: ReceivedSpan): string {
  return String(attributes['url.full']).replace(/^\w+:\/\/[^/]*/, '')
}

/** Undefined where the URL does not begin with the address: of a Unix socket and of CONNECT. */
function originOf({ name, attributes }: ReceivedSpan): string | undefined {
  const { 'server.address': address, 'server.port': port } = attributes
  if (name === 'CONNECT' || port === undefined) return undefined
  return `http://${String(address)}${port === 80 ? '' : `:${String(port)}`}`
}
