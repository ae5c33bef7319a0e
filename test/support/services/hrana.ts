import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

/**
 * Answers like a libSQL server over Hrana (HTTP), version 2: every statement returns no rows, and one of the table
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
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: '127.0.0.1',
    port,
    env: { HRANA_URL: `http://127.0.0.1:${port}` },
    stop: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
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
