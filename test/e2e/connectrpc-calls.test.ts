import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { startNode } from '../support/run-node.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { spanTree, traces } from '../support/span-tree.ts'

/**
 * By the call: its method, and its status on the side of the client and of the server, as gRPC writes it; `!`: the span failed. A
 * deadline passes on both sides at about the same time: the server meets its own, or the client that has left.
 */
const CALLS = {
  ok: ['Get', 'OK', 'OK'],
  'not-found': ['Get', 'NOT_FOUND!', 'NOT_FOUND'],
  internal: ['Get', 'INTERNAL!', 'INTERNAL!'],
  unimplemented: ['Missing', 'UNIMPLEMENTED!', 'UNIMPLEMENTED!'],
  deadline: ['Get', 'DEADLINE_EXCEEDED!', 'DEADLINE_EXCEEDED or CANCELLED!'],
  cancelled: ['Get', 'CANCELLED!', 'CANCELLED!'],
  list: ['List', 'OK', 'OK'],
  'list-fails': ['List', 'DATA_LOSS!', 'DATA_LOSS!'],
  'list-deadline': ['List', 'DEADLINE_EXCEEDED!', 'DEADLINE_EXCEEDED or CANCELLED!'],
  'list-cancelled': ['List', 'CANCELLED!', 'CANCELLED!'],
  upload: ['Upload', 'OK', 'OK'],
  chat: ['Chat', 'OK', 'OK'],
} as const

type CallName = keyof typeof CALLS

const ALL = Object.keys(CALLS) as CallName[]
/** Over HTTP/1.1 the request is complete before the response begins. */
const HALF_DUPLEX = ALL.filter((call) => call !== 'chat')

interface Client {
  readonly system: 'grpc' | 'connectrpc'
  readonly calls: readonly CallName[]
  /** What serves it; `router`: nothing that is a request. */
  readonly server: 'connect' | 'grpc-js' | 'router'
}

const CLIENTS: Readonly<Record<string, Client>> = {
  'connect-1': { system: 'connectrpc', calls: HALF_DUPLEX, server: 'connect' },
  'connect-2': { system: 'connectrpc', calls: ALL, server: 'connect' },
  grpc: { system: 'grpc', calls: ALL, server: 'connect' },
  'grpc-web': { system: 'grpc', calls: HALF_DUPLEX, server: 'connect' },
  intercepted: { system: 'grpc', calls: ['ok', 'upload'], server: 'connect' },
  router: { system: 'connectrpc', calls: ALL, server: 'router' },
  'to-grpc-js': { system: 'grpc', calls: ['ok', 'not-found', 'unimplemented'], server: 'grpc-js' },
  'grpc-js': { system: 'grpc', calls: ['ok', 'not-found', 'deadline'], server: 'connect' },
  'grpc-js-both': { system: 'grpc', calls: ['ok', 'not-found'], server: 'grpc-js' },
}

const PATHS = Object.entries(CLIENTS).flatMap(([client, { calls }]) => calls.map((call) => `/${client}/${call}`))

/**
 * One span of the client's and one of the server's, whatever carries the call, and none where there is no server:
 *
 *     server GET
 *     ├─ client shop.Shop/Upload OK
 *     │  └─ server POST /shop.Shop/Upload OK
 *     │     └─ internal served
 *     └─ internal sent
 */
function treeOf(path: string): string {
  const [, name = '', call] = path.split('/') as [string, string, CallName]
  const { system, server } = CLIENTS[name] ?? assert.fail(name)
  const [method, ofClient, ofServer] = CALLS[call]
  const spelled = (status: string): string =>
    system === 'grpc' ? status : status.toLowerCase().replace('cancelled', 'canceled')
  const served = call === 'unimplemented' ? [] : ['internal served']
  const request =
    server === 'connect'
      ? `server POST /shop.Shop/${method}`
      : `server ${method === 'Missing' ? '_OTHER' : `shop.Shop/${method}`}`
  const below =
    server === 'router'
      ? served.map((line) => `└─ ${line}`)
      : [`└─ ${request} ${spelled(ofServer)}`, ...served.map((line) => `   └─ ${line}`)]
  const fetched = name === 'intercepted' ? ['├─ client GET!', '│  └─ server GET'] : []
  const called = [`client shop.Shop/${method} ${spelled(ofClient)}`, ...fetched, ...below]
  const isSent = call === 'upload' || call === 'chat'
  const [first, next] = isSent ? ['├─ ', '│  '] : ['└─ ', '   ']
  const lines = called.map((line, at) => (at === 0 ? first : next) + line)
  return ['server GET', ...lines, ...(isSent ? ['└─ internal sent'] : [])].join('\n')
}

function describe({ kind, name, attributes, status }: ReceivedSpan): string {
  const code = attributes['rpc.status_code']
  return `${kind} ${name}${code === undefined ? '' : ` ${String(code)}`}${status === 'error' ? '!' : ''}`
}

function isDeadline(path: string): boolean {
  return path.endsWith('deadline')
}

const EITHER = /(server \S+ \S+ )(?:deadline_exceeded|cancell?ed)!/i

function drawn(spans: readonly ReceivedSpan[]): Record<string, string> {
  const trees = traces(spans).map((trace) => {
    const path =
      trace.map(({ attributes }) => String(attributes['url.path'])).find((each) => PATHS.includes(each)) ?? ''
    const tree = spanTree(trace, describe)
    if (!isDeadline(path)) return [path, tree]
    const { system } = CLIENTS[path.split('/', 2)[1] ?? ''] ?? assert.fail(path)
    const either = system === 'grpc' ? 'DEADLINE_EXCEEDED or CANCELLED!' : 'deadline_exceeded or canceled!'
    return [path, tree.replace(EITHER, `$1${either}`)]
  })
  return Object.fromEntries(trees) as Record<string, string>
}

async function answersOf(port: number, paths: readonly string[]): Promise<string[]> {
  return await Promise.all(paths.map(async (path) => `${path} ${await textOf(`http://127.0.0.1:${port}${path}`)}`))
}

async function textOf(url: string): Promise<string> {
  return await (await fetch(url)).text()
}

const MODULES = process.env['OBS_TEST_MATRIX'] === 'all' ? (['cjs', 'mjs'] as const) : (['mjs'] as const)

for (const module of MODULES) {
  const title = `calls of Connect-RPC beside those of grpc-js, ${module === 'cjs' ? 'CommonJS' : 'ESM'}`
  test(title, { skip: withoutFrameworks() }, async (t) => {
    const framework = FRAMEWORKS.find(({ name }) => name === 'Connect-RPC 2') ?? assert.fail()
    const subject = { app: frameworkScript(framework, module), args: ['connect-rpc-calls'] }
    const app = await startServingApp(t, subject)
    const bare = startNode(t, { ...subject, preload: 'none' })
    const port = Number((await bare.waitFor(/^listening (\d+)$/m))[1])
    // Deadlines last, when all that a call needs has been compiled.
    const [first, last] = [PATHS.filter((path) => !isDeadline(path)), PATHS.filter(isDeadline)]
    const answers = async (at: number): Promise<string[]> => [
      ...(await answersOf(at, first)),
      ...(await answersOf(at, last)),
    ]
    const [answered, expectedAnswers] = await Promise.all([answers(app.port), answers(port)])
    assert.deepEqual(answered, expectedAnswers)

    const expected = Object.fromEntries(PATHS.map((path) => [path, treeOf(path)]))
    await eventually(() => assert.deepEqual(drawn(app.receiver.spans), expected))

    const called = Object.values(CLIENTS).flatMap(({ system, calls }) =>
      calls.map((call) => [system, CALLS[call]] as const),
    )
    await eventually(async () => {
      const metrics = await scrape(app.sidePort)
      for (const [system, [method, ofClient]] of called) {
        const same = called.filter((each) => each[0] === system && each[1][0] === method && each[1][1] === ofClient)
        const status = ofClient.replace('!', '')
        const labels = {
          rpc_system_name: system,
          rpc_method: `shop.Shop/${method}`,
          rpc_status_code: system === 'grpc' ? status : status.toLowerCase().replace('cancelled', 'canceled'),
        }
        assert.equal(metrics.sum('rpc_client_call_duration_seconds_count', labels), same.length, JSON.stringify(labels))
      }
      const served = Object.values(CLIENTS).flatMap(({ server, calls }) => (server === 'router' ? [] : calls))
      assert.equal(metrics.sum('rpc_server_call_duration_seconds_count'), served.length)
      assert.equal(metrics.sum('http_server_active_requests'), 0)
    })
  })
}
