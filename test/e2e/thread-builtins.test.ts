import { describe, test } from 'node:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CURRENT_NODE, edgeNodeVersions } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The first thing that a worker thread uses, in each form of a builtin's name. */
const FIRST_USES: Readonly<Record<string, string>> = {
  'require http': `const http = require('http')`,
  'require node:http': `const http = require('node:http')`,
  'import node:http': `import http from 'node:http'`,
  'import http': `import http from 'http'`,
  'dynamic import of node:http': `const { default: http } = await import('node:http')`,
  'getBuiltinModule node:http': `const http = process.getBuiltinModule('node:http')`,
  'createRequire, node:http': `import { createRequire } from 'node:module'; const http = createRequire(import.meta.url)('node:http')`,
  'require node:https': `require('node:https'); const http = require('node:http')`,
}

const THREAD = (use: string): string => `
${use}
const server = http.createServer((request, response) => response.end('ok'))
server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
    response.resume()
    response.on('end', () => server.close())
  })
})`

const MAIN = `
const { Worker } = require('node:worker_threads')
new Worker(require('node:path').join(__dirname, process.argv[2]))`

describe('the first use of a worker thread', { concurrency: 2 }, () => {
  for (const { label, execPath } of edgeNodeVersions()) {
    for (const [name, use] of Object.entries(FIRST_USES)) {
      if (label !== CURRENT_NODE.label && !/^\w+ node:http$/.test(name)) continue
      test(`${name} (Node ${label})`, async (t) => {
        const folder = temporaryFolder(t, 'thread')
        const file =
          use.startsWith('require') || use.startsWith('const http = require') || name.startsWith('getB')
            ? 'thread.cjs'
            : 'thread.mjs'
        writeFileSync(join(folder, file), THREAD(use))
        writeFileSync(join(folder, 'main.cjs'), MAIN)
        const receiver = await OtlpReceiver.start(t)
        await runNode(t, {
          app: join(folder, 'main.cjs'),
          args: [file],
          execPath,
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
            OTEL_METRICS_EXPORTER: 'none',
            OBS_EXIT_FLUSH_TIMEOUT: '20000',
          },
        })
        await receiver.waitForSpans((spans) =>
          ['server', 'client'].every((kind) =>
            spans.some((span) => span.kind === kind && 'thread.id' in span.attributes),
          ),
        )
      })
    }
  }
})
