import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'

/** What `OBS_FRAMEWORK_SPANS` adds below the SERVER span of a request. */
interface Case {
  readonly framework: string
  readonly spans: 'handlers' | 'all'
  readonly path: string
  readonly tree: string
  /** Its spans start within one millisecond, to which the SDK rounds, so that their order is not known. */
  readonly isUnordered?: true
}

/** Spans of the start of an app. */
const STARTS: Readonly<Record<string, string>> = { 'nest 11 (Fastify 5)': 'internal Create Nest App' }

const CASES: readonly Case[] = [
  { framework: 'express 5', spans: 'handlers', path: '/users/7', tree: handler('GET /users/:id', 'showUser') },
  { framework: 'express 4', spans: 'handlers', path: '/users/7', tree: handler('GET /users/:id', 'showUser') },
  {
    framework: 'express 5',
    spans: 'all',
    path: '/users/7?token=hidden',
    tree: `
server GET /users/:id
├─ internal middleware - logger
└─ internal request handler - showUser`,
  },
  {
    framework: 'express 5',
    spans: 'all',
    path: '/api/t1/after/middleware',
    tree: `
server GET /api/:tenant/after/middleware
├─ internal middleware - logger
└─ internal router - router
   ├─ internal middleware - passes
   └─ internal request handler - anonymous`,
  },
  {
    framework: 'express 4',
    spans: 'all',
    path: '/api/t1/after/middleware',
    tree: `
server GET /api/:tenant/after/middleware
├─ internal middleware - query
├─ internal middleware - expressInit
├─ internal middleware - logger
└─ internal router - router
   ├─ internal middleware - passes
   └─ internal request handler - anonymous`,
  },
  {
    framework: 'express 5',
    spans: 'all',
    path: '/fail',
    tree: `
server GET /fail (1 exception)
├─ internal middleware - logger
└─ internal request handler - failing error`,
  },
  {
    framework: 'express 5',
    spans: 'all',
    path: '/hang',
    tree: `
server GET /hang error
├─ internal middleware - logger
└─ internal request handler - anonymous`,
  },
  { framework: 'fastify 5', spans: 'handlers', path: '/callback', tree: hook('GET /callback', 'handler - answers') },
  {
    framework: 'fastify 5',
    spans: 'all',
    path: '/users/7?token=hidden',
    tree: `
server GET /users/:id
├─ internal onRequest - checks
└─ internal handler - showUser`,
  },
  {
    framework: 'fastify 5',
    spans: 'all',
    path: '/hooked',
    isUnordered: true,
    tree: `
server GET /hooked
├─ internal onRequest - checks
${'├─ internal onRequest - each\n'.repeat(12)}└─ internal handler - hooked`,
  },
  {
    framework: 'fastify 4',
    spans: 'all',
    path: '/fail',
    tree: `
server GET /fail (1 exception)
├─ internal onRequest - checks
└─ internal handler - anonymous error`,
  },
  {
    framework: 'connect 3',
    spans: 'all',
    path: '/users/7',
    tree: `
server GET /users
├─ internal middleware - logger
└─ internal request handler - users`,
  },
  ...(
    [
      ['/api/fail', ' (1 exception)', ' error', 'fail'],
      ['/api/missing/:id', '', '', 'missing'],
    ] as const
  ).map(([route, onServer, below, name]) => ({
    framework: 'nest 11 (Fastify 5)',
    spans: 'handlers' as const,
    path: route.replace(':id', '7'),
    tree: `
server GET ${route}${onServer}
└─ internal handler - anonymous
   └─ internal Users.${name}${below}
      └─ internal ${name}${below}`,
  })),
]

/** One process serves all cases of a framework and a setting. */
const PROCESSES = Map.groupBy(CASES, ({ framework, spans }) => `${framework}, OBS_FRAMEWORK_SPANS=${spans}`)

for (const [title, cases] of PROCESSES) {
  test(title, { skip: withoutFrameworks() }, async (t) => {
    const [{ framework: name, spans } = assert.fail()] = cases
    const framework = FRAMEWORKS.find((each) => each.name === name) ?? assert.fail()
    const app = await startServingApp(t, {
      app: frameworkScript(framework, framework.modules.includes('mjs') ? 'mjs' : 'cjs'),
      args: [framework.app],
      env: { OBS_FRAMEWORK_SPANS: spans },
    })
    const treeOf = async (expected: string, ordered = (tree: string): string => tree): Promise<string> => {
      const drawn = (): string => ordered(spanTree(app.receiver.spans, describe))
      await app.receiver.waitForSpans(() => drawn() === expected, 30_000).catch(() => {})
      return drawn()
    }
    const start = STARTS[name]
    if (start !== undefined) assert.equal(await treeOf(start), start)
    for (const { path, tree, isUnordered = false } of cases) {
      await t.test(path, async () => {
        app.receiver.clear()
        await asked(app, path)
        const ordered = isUnordered ? sortedLines : undefined
        const expected = ordered?.(tree.trim()) ?? tree.trim()
        assert.equal(await treeOf(expected, ordered), expected)
        for (const span of app.receiver.spans) assert.doesNotMatch(JSON.stringify(span.attributes), /hidden/)
      })
    }
    assert.doesNotMatch(app.process.stderr, /Warning/)
  })
}

function sortedLines(tree: string): string {
  return tree.replaceAll('└', '├').split('\n').toSorted().join('\n')
}

/** The client leaves where the app does not answer. */
async function asked({ port }: ServingApp, path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(1_000) }).catch(
    () => {},
  )
  await response?.text()
}

function describe({ kind, name, status, events }: ReceivedSpan): string {
  const exceptions = events.length === 0 ? '' : ` (${events.length} exception)`
  return `${kind} ${name}${exceptions}${status === 'error' && events.length === 0 ? ' error' : ''}`
}

function handler(server: string, name: string): string {
  return hook(server, `request handler - ${name}`)
}

function hook(server: string, name: string): string {
  return `server ${server}\n└─ internal ${name}`
}
