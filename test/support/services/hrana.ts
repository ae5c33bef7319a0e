import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { ROOT } from '../paths.ts'
import type { Service } from './service.ts'

interface Statement {
  readonly sql?: string
  readonly sql_id?: number
}

interface Request {
  readonly type: string
  readonly sql?: string
  readonly sql_id?: number
  readonly stmt?: Statement
  readonly batch?: { readonly steps: readonly { readonly stmt: Statement }[] }
}

/** The package `ws`, which libSQL's client depends on, is loaded when a client connects by WebSocket. */
const CLIENTS = join(ROOT, 'test/matrix/databases/highest/package.json')

/**
 * Answers like a libSQL server over Hrana (HTTP and WebSocket), version 2: every statement returns no rows, and one of the table
 * `nope` fails.
 */
export async function startHrana(): Promise<Service> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url !== '/v2') {
      response.writeHead(404).end()
      return
    }
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { requests = [] } = JSON.parse(body || '{}') as { requests?: readonly Request[] }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          baton: 'b',
          base_url: null,
          results: requests.map((each) => answerTo(each, stored(requests))),
        }),
      )
    })
  })
  const sockets = new Set<Duplex>()
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    const { WebSocketServer } = createRequire(CLIENTS)('ws') as { WebSocketServer: WebSocketServerClass }
    const protocol = { noServer: true, handleProtocols: () => 'hrana2' }
    new WebSocketServer(protocol).handleUpgrade(request, socket, head, answerMessages)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: '127.0.0.1',
    port,
    env: { HRANA_URL: `http://127.0.0.1:${port}`, HRANA_WS_URL: `ws://127.0.0.1:${port}` },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Messages {
  on(event: 'message', listener: (data: Buffer) => void): void
  send(text: string): void
}

type WebSocketServerClass = new (options: object) => {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, connected: (messages: Messages) => void): void
}

function answerMessages(messages: Messages): void {
  const texts = new Map<number | undefined, string | undefined>()
  messages.on('message', (data) => {
    const {
      type,
      request_id: id,
      request,
    } = JSON.parse(data.toString()) as {
      type: string
      request_id: number
      request: Request
    }
    if (type === 'hello') return messages.send(JSON.stringify({ type: 'hello_ok' }))
    if (request.type === 'store_sql') texts.set(request.sql_id, request.sql)
    const answer = answerTo(request, texts)
    const kind = 'error' in answer ? 'response_error' : 'response_ok'
    messages.send(JSON.stringify({ ...answer, type: kind, request_id: id }))
  })
}

const RESULT = { cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null }
const ERROR = { message: 'SQLite error: no such table: nope', code: 'SQLITE_ERROR' }

type Stored = ReadonlyMap<number | undefined, string | undefined>

/** Returns the texts that a batch sends separately from its steps. */
function stored(requests: readonly Request[]): Stored {
  return new Map(requests.filter(({ type }) => type === 'store_sql').map(({ sql_id: id, sql }) => [id, sql]))
}

function answerTo({ type, stmt, batch }: Request, texts: Stored): object {
  const isRefused = (statement: Statement | undefined): boolean =>
    (statement?.sql ?? texts.get(statement?.sql_id))?.includes('nope') === true
  if (type === 'batch') {
    const hasFailed = (batch?.steps ?? []).map((step) => isRefused(step.stmt))
    const result = {
      step_results: hasFailed.map((failed) => (failed ? null : RESULT)),
      step_errors: hasFailed.map((failed) => (failed ? ERROR : null)),
    }
    return { type: 'ok', response: { type, result } }
  }
  if (isRefused(stmt)) return { type: 'error', error: ERROR }
  return { type: 'ok', response: { type, result: RESULT } }
}
