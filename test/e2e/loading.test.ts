import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { nodeVersions } from '../support/matrix.ts'
import type { NodeVersion } from '../support/matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { httpGet } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startRedis } from '../support/services/redis.ts'
import type { Service } from '../support/services/service.ts'
import { spanTree } from '../support/span-tree.ts'

/** However an app's modules are loaded, and on every supported Node, an unchanged app gives the same trace. */
interface Loading {
  readonly label: string
  readonly extension: 'cjs' | 'mjs' | 'ts'
  readonly nodeArgs?: readonly string[]
  readonly nodeArgsAfter?: readonly string[]
}

interface Library {
  readonly name: string
  readonly path: string
  readonly tree: string
}

const LOADINGS: readonly Loading[] = [
  { label: 'CommonJS', extension: 'cjs' },
  { label: 'ESM', extension: 'mjs' },
  { label: 'tsx, then the preload', extension: 'ts', nodeArgs: ['--import', 'tsx'] },
  { label: 'the preload, then tsx', extension: 'ts', nodeArgsAfter: ['--import', 'tsx'] },
  { label: 'type stripping', extension: 'ts' },
]

const LIBRARIES: readonly Library[] = [
  { name: 'http', path: '/anything', tree: 'server GET' },
  {
    name: 'express',
    path: '/users/7',
    tree: 'server GET /users/:id {/users/:id}',
  },
  {
    name: 'fastify',
    path: '/users/7',
    tree: 'server GET /users/:id {/users/:id}',
  },
  {
    name: 'pg',
    path: '/',
    tree: `
server GET
├─ client pg.connect
└─ client SELECT postgres`,
  },
  {
    name: 'ioredis',
    path: '/',
    tree: `
server GET
├─ client set
└─ client get`,
  },
]

/** All libraries are loaded by one process; frameworks.test.ts and client-matrix.test.ts have a process for each. */
const services: Partial<Record<string, Service | undefined>> = {}

before(async () => {
  services['pg'] = await startPostgres()
  services['ioredis'] = await startRedis()
})

after(async () => {
  for (const service of Object.values(services)) await service?.stop()
})

for (const node of nodeVersions()) {
  for (const loading of LOADINGS) {
    // How tsx hooks into Node.js differs between the lowest version and the newer ones.
    if (node.label === '22' && loading.label.includes('tsx') && process.env['OBS_TEST_MATRIX'] !== 'all') continue
    test(`Node ${node.label}, ${loading.label}`, async (t) => {
      const present = LIBRARIES.filter(({ name }) => !(name in services) || services[name] !== undefined)
      const ports = new Map<string, number>()
      for (const { name } of present) ports.set(name, await freePort())
      const app = await startServingApp(t, {
        app: `use-several.${loading.extension}`,
        args: [...ports].map(([name, port]) => `${name}=${port}`),
        execPath: node.execPath,
        nodeArgs: [...strippingFlag(node, loading), ...(loading.nodeArgs ?? [])],
        nodeArgsAfter: loading.nodeArgsAfter ?? [],
        env: Object.assign({}, ...Object.values(services).map((service) => service?.env)) as Service['env'],
      })
      await app.process.waitFor(new RegExp(`(?:listening[^]*){${ports.size}}`))
      for (const { name, path, tree } of LIBRARIES) {
        await t.test(name, async (row) => {
          if (!ports.has(name)) return row.skip(`no server for ${name} on this machine`)
          app.receiver.clear()
          const expected = tree.trim()
          assert.equal((await httpGet(`http://127.0.0.1:${ports.get(name)}${path}`)).status, 200)
          await app.receiver.waitForSpans((spans) => treeOfRequest(spans) === expected, 30_000).catch(() => {})
          assert.equal(treeOfRequest(app.receiver.spans), expected)
        })
      }
    })
  }
}

/** Clients also record what they do at start-up, outside of the request. */
function treeOfRequest(spans: readonly ReceivedSpan[]): string {
  const traceId = spans.find((span) => span.kind === 'server')?.traceId
  return spanTree(
    spans.filter((span) => span.traceId === traceId),
    describe,
  )
}

function describe(span: ReceivedSpan): string {
  const route = span.attributes['http.route']
  return `${span.kind} ${span.name}${route === undefined ? '' : ` {${String(route)}}`}`
}

/** Node strips types unasked from 22.18 on. */
function strippingFlag(node: NodeVersion, { label }: Loading): string[] {
  return node.label === '22.15' && label === 'type stripping' ? ['--experimental-strip-types'] : []
}
