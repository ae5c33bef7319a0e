import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { HelloMessage, StatusMessage } from '../page/messages.ts'
import { sendFile } from './page-files.ts'
import { pageHostCheck } from './page-hosts.ts'
import { PageStreams } from './page-stream.ts'
import { sendText } from './send-text.ts'
import type { Collect } from './sideport.ts'

/** The data of the page, for the process that serves it and those behind it. */
export interface PageSource {
  readonly feed: BatchFeed
  /** Called when somebody opens the page. */
  readonly hello: () => HelloMessage
  /** The names in `OBS_PAGE_HOSTS`. */
  readonly hosts: readonly string[]
  readonly status: () => Omit<StatusMessage, 'skippedBatches'>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Same origin only, and no script or style other than our two files. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Returns the handlers of the page by path. Loaded as a chunk of its own with the first request to one of them. */
export function createPage(source: PageSource, collect: Collect): Readonly<Record<string, Handler>> {
  const streams = new PageStreams(source, collect)
  const isKnownHost = pageHostCheck(source.hosts)
  const handlers: Readonly<Record<string, Handler>> = {
    '/': file('index.html', 'text/html; charset=utf-8'),
    '/page/page.js': file('page.js', 'text/javascript; charset=utf-8'),
    '/page/page.css': file('page.css', 'text/css; charset=utf-8'),
    '/page/events': (request, response) => streams.open(request, response),
  }
  return Object.fromEntries(
    Object.entries(handlers).map(([path, handler]) => [
      path,
      (request, response) => {
        if (isKnownHost(request.headers.host)) return handler(request, response)
        return sendText(response, 421, 'the page does not open under this name: add it to OBS_PAGE_HOSTS\n')
      },
    ]),
  )
}

function file(name: string, contentType: string): Handler {
  return (_, response) => {
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY)
    response.setHeader('referrer-policy', 'no-referrer')
    return sendFile(response, name, contentType)
  }
}
