import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import {
  type Framework,
  FRAMEWORKS,
  type FrameworkRequest,
  frameworkScript,
  withoutFrameworks,
} from '../support/framework-matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { splitStderr } from '../support/own-lines.ts'
import { startNode } from '../support/run-node.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'

/**
 * Each framework answers under the preload as it does bare, and each request is one trace of one span, the SERVER span:
 *
 *     server GET /users/:id {/users/:id}
 */
for (const framework of FRAMEWORKS) {
  for (const module of framework.modules) {
    const title = `${framework.name}, ${module === 'cjs' ? 'CommonJS' : 'ESM'}`
    test(title, { skip: withoutFrameworks() }, async (t) => {
      const bare = await answersOfBare(t, framework, module)
      const app = await startServingApp(t, { app: frameworkScript(framework, module), args: [framework.app] })
      const answers = await answersOf(app.port, framework.requests)
      assert.deepEqual(answers, bare.answers)
      assert.deepEqual(
        answers.map(({ path, status }) => [path, status]),
        framework.requests.map(({ path, status }) => [path, status]),
      )
      assert.deepEqual(await outcomesOf(app, framework), framework.requests.map(expectedOf))
      assert.equal(app.process.stdout.replaceAll(VARYING, ''), bare.stdout.replaceAll(VARYING, ''))
      assert.deepEqual(splitStderr(app.process.stderr).app, splitStderr(bare.stderr).app)
    })
  }
}

/** The port, and how long each plugin of Fastify took to load. */
const VARYING = /listening \d+|\d+ ms/g

async function answersOfBare(t: TestContext, framework: Framework, module: 'cjs' | 'mjs') {
  const running = startNode(t, { app: frameworkScript(framework, module), args: [framework.app], preload: 'none' })
  const [, port] = await running.waitFor(/^listening (\d+)$/m)
  const answers = await answersOf(Number(port), framework.requests)
  return { answers, stdout: running.stdout, stderr: running.stderr }
}

interface Answer {
  readonly path: string
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

async function answersOf(port: number, requests: readonly FrameworkRequest[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const each of requests) answers.push(await answerOf(port, each))
  return answers
}

async function answerOf(port: number, { path, method = 'GET', headers = {}, body, status }: FrameworkRequest) {
  const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  const answered = once(call, 'response') as Promise<[IncomingMessage]>
  call.end(body)
  // Long enough for the app to have it, since nothing comes back that could be awaited.
  if (status === 0) setTimeout(() => call.destroy(), 100)
  try {
    const [response] = await answered
    const { statusCode = 0, rawHeaders } = response
    const rest = rawHeaders.map((each, at) => (/^date$/i.test(rawHeaders[at - 1] ?? '') ? '' : each))
    return { path, status: statusCode, headers: rest, body: await text(response) }
  } catch (error) {
    if (status !== 0) throw error
    return { path, status, headers: [], body: '' }
  }
}

/** Name, route, exceptions of each request's SERVER span, and the spans below it. */
interface Outcome {
  readonly name: string
  readonly route: unknown
  readonly exceptions: number
  readonly below: readonly string[]
}

const isServer = ({ kind }: ReceivedSpan): boolean => kind === 'server'

async function outcomesOf(app: ServingApp, { requests }: Framework): Promise<Outcome[]> {
  const spans = await app.receiver.waitForSpans((all) => all.filter(isServer).length >= requests.length)
  const servers = spans.filter(isServer).toSorted((a, b) => Number(a.startNanos - b.startNanos))
  return servers.map((server) => ({
    name: server.name,
    route: server.attributes['http.route'],
    exceptions: server.events.length,
    below: spans.filter(({ traceId }) => traceId === server.traceId && !isServer(server)).map(({ name }) => name),
  }))
}

function expectedOf({ method = 'GET', route, exceptions = 0 }: FrameworkRequest): Outcome {
  return { name: route === undefined ? method : `${method} ${route}`, route, exceptions, below: [] }
}
