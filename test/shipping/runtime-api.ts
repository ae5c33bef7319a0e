import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startProcess, type RunningProcess } from '../support/running-process.ts'

export interface Answer {
  readonly kind: 'response' | 'error'
  readonly body: string
}

export interface FunctionOptions {
  readonly folder: string
  /** `index.handler` */
  readonly handler: string
  /** Node's arguments, up to the runtime's client. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What each invocation gets. */
  readonly events: readonly object[]
  /** The timeout of each invocation. Default 20,000. */
  readonly invocationTimeoutMs?: number
  /** Called while the process is frozen after each invocation. What it sent before may still be on its way. */
  readonly frozen?: (answer: Answer, invocation: number) => void | Promise<void>
  /** Told when an event is handed out, and when it is answered. */
  readonly heard?: (what: 'event' | 'answer') => void
}

/**
 * Runs an AWS Lambda function as Lambda does: the runtime API hands out one event after the other, and the process is stopped
 * (SIGSTOP) as soon as it asks for the next one, until there is one.
 */
export async function runFunction(t: Pick<TestContext, 'after'>, options: FunctionOptions): Promise<readonly Answer[]> {
  const { folder, handler, args, env = {}, events, frozen = () => {}, heard = () => {} } = options
  const { invocationTimeoutMs = 20_000 } = options
  const answers: Answer[] = []
  let answered = (_answer: Answer): void => {}
  let running: RunningProcess | undefined
  let finish!: () => void
  let fail!: (reason: unknown) => void
  const allDone = new Promise<void>((resolve, reject) => {
    finish = resolve
    fail = reject
  })

  async function giveNext(response: ServerResponse): Promise<void> {
    const last = answers.at(-1)
    if (last !== undefined) {
      running?.kill('SIGSTOP')
      await frozen(last, answers.length)
      if (answers.length === events.length) return finish()
      running?.kill('SIGCONT')
    }
    const id = `request-${answers.length + 1}`
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': String(Date.now() + invocationTimeoutMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:shop',
    })
    const answer = new Promise<Answer>((resolve) => (answered = resolve))
    heard('event')
    response.end(JSON.stringify(events[answers.length]))
    answers.push(await answer)
  }

  const server = createServer((request, response) => {
    void bodyOf(request)
      .then((body) => {
        const [, kind] = /\/invocation\/[^/]+\/(response|error)$/.exec(request.url ?? '') ?? []
        if (request.url?.endsWith('/invocation/next') === true) return giveNext(response)
        heard('answer')
        response.writeHead(202).end('{}')
        answered({ kind: kind === 'response' ? 'response' : 'error', body })
        return undefined
      })
      .catch(fail)
  })
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running = startProcess(t, process.execPath, args, {
    cwd: folder,
    env: {
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
      AWS_LAMBDA_FUNCTION_NAME: 'shop',
      AWS_LAMBDA_FUNCTION_VERSION: '7',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_REGION: 'eu-central-1',
      ...env,
    },
  })
  running.exited.then(({ code, stderr }) => fail(new Error(`the function ended with ${code}: ${stderr}`)), fail)
  await allDone
  return answers
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** A runtime's client of a few lines, which loads the handler as `loading` says. */
export const CLIENT: string = join(import.meta.dirname, 'apps', 'lambda-client.cjs')
