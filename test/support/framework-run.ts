import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type Framework, type FrameworkRequest, frameworkScript } from './framework-matrix.ts'
import type { ReceivedSpan } from './otlp-decode.ts'
import { startNode } from './run-node.ts'
import type { ServingApp } from './serving-app.ts'

/** Returns the response to each request without the preload. */
export async function answersOfBare(
  t: Pick<TestContext, 'after'>,
  framework: Framework,
  module: 'cjs' | 'mjs',
): Promise<{ readonly answers: Answer[]; readonly stdout: string; readonly stderr: string }> {
  const running = startNode(t, { app: frameworkScript(framework, module), args: [framework.app], preload: 'none' })
  const [, port] = await running.waitFor(/^listening (\d+)$/m)
  const answers = await answersOf(Number(port), framework.requests)
  return { answers, stdout: running.stdout, stderr: running.stderr }
}

export interface Answer {
  readonly path: string
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

export async function answersOf(port: number, requests: readonly FrameworkRequest[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const each of requests) answers.push(await answerOf(port, each))
  return answers
}

async function answerOf(port: number, { path, method = 'GET', headers = {}, body, status }: FrameworkRequest) {
  const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  const answered = once(call, 'response') as Promise<[IncomingMessage]>
  call.end(body)
  if (status === 0) void hasReached(call, port).then(() => call.destroy())
  try {
    const [response] = await answered
    const { statusCode = 0, rawHeaders } = response
    const rest = rawHeaders.map((each, at) => (/^date$/i.test(rawHeaders[at - 1] ?? '') ? '' : each))
    return { path, status: statusCode, headers: rest, body: (await text(response)).replaceAll(`:${port}/`, ':PORT/') }
  } catch (error) {
    if (status !== 0) throw error
    return { path, status, headers: [], body: '' }
  }
}

/** How often the app's event loop turns, at least, until a request has reached its handler. */
const TURNS = 20

/**
 * Waits until a request that nobody answers has reached the app: connections that were made after it, one after the other, have been
 * answered. What they send is no HTTP, so that Node.js answers and no request begins.
 */
async function hasReached(call: ClientRequest, port: number): Promise<void> {
  await once(call, 'finish')
  for (let turn = 0; turn < TURNS; turn += 1) {
    const socket = connect(port, '127.0.0.1')
    socket.end('no HTTP\r\n\r\n')
    await text(socket)
  }
}

/** Name, route and exceptions of each request's SERVER span, and the spans below it. */
export interface Outcome {
  readonly name: string
  readonly route: unknown
  readonly exceptions: number
  readonly below: readonly string[]
}

const isServer = ({ kind }: ReceivedSpan): boolean => kind === 'server'

export async function outcomesOf(app: ServingApp, { requests }: Framework): Promise<Outcome[]> {
  const count = requests.reduce((sum, { below = [] }) => sum + 1 + below.length, 0)
  await app.receiver.waitForSpans((all) => all.filter(isServer).length >= requests.length)
  // Spans that are missing by then show in the outcomes.
  const spans = await app.receiver.waitForSpans((all) => all.length >= count, 30_000).catch(() => app.receiver.spans)
  const servers = spans.filter(isServer).toSorted((a, b) => Number(a.startNanos - b.startNanos))
  return servers.map((server) => ({
    name: server.name,
    route: server.attributes['http.route'],
    exceptions: server.events.length,
    below: spans.filter((each) => each.traceId === server.traceId && !isServer(each)).map(({ name }) => name),
  }))
}

export function expectedOf({ method = 'GET', route, exceptions = 0, below = [] }: FrameworkRequest): Outcome {
  return { name: route === undefined ? method : `${method} ${route}`, route, exceptions, below }
}
