import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Framework, FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import { answersOf } from '../support/framework-run.ts'
import { httpGet } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'

/**
 * No string of a span, be it of an instrumentation, of a framework or of a library that traces itself, has a value of a query,
 * credentials or a literal. The clients' spans are those of privacy.test.ts.
 */
const SECRET = 'Sesame12345'

function withSecret(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}token=${SECRET}&${SECRET}`
}

function planted({ requests }: Framework): Framework['requests'] {
  return requests.map((each) => ({
    ...each,
    path: withSecret(each.path),
    headers: { ...each.headers, authorization: `Bearer ${SECRET}`, cookie: `sid=${SECRET}` },
  }))
}

/** Returns where the secret is in what was exported: every string of each span, event, link, scope and resource. */
async function places({ receiver, sidePort }: ServingApp): Promise<string[]> {
  const traces = receiver.requests.filter(({ signal }) => signal === 'traces')
  const inSpans = traces.flatMap(({ body }) => namesOf(body)).map((name) => name.replaceAll(/\/\d+/g, '/*'))
  const { body } = await httpGet(`http://127.0.0.1:${sidePort}/metrics`)
  const inMetrics = body.split('\n').filter((line) => line.includes(SECRET))
  return [...new Set([...inSpans, ...inMetrics])].toSorted()
}

function namesOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return value.includes(SECRET) ? [name] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [
    ...(key.includes(SECRET) ? [`${name}/KEY`] : []),
    ...namesOf(each, `${name}/${key}`),
  ])
}

const isServer = ({ kind }: { readonly kind: string }): boolean => kind === 'server'

/** One row for each app of a folder; GraphQL has a test of its own. */
const ROWS = FRAMEWORKS.filter(({ app, folder, name }, at) => {
  const first = FRAMEWORKS.findIndex((each) => each.app === app && each.folder === folder)
  return at === first && !name.startsWith('GraphQL')
})

/** One process serves all apps of a folder and module format, except Restify's, which changes the classes of node:http. */
const PROCESSES = Map.groupBy(ROWS, ({ folder, modules, app }) =>
  [folder, modules.at(-1), ...(app === 'restify' ? [app] : [])].join(' '),
)

for (const frameworks of PROCESSES.values()) {
  const [first = assert.fail()] = frameworks
  const script = frameworkScript(first, first.modules.at(-1) ?? 'mjs')
  const names = frameworks.map(({ name }) => name).join(', ')
  test(`with all of their spans: ${names}`, { skip: withoutFrameworks() }, async (t) => {
    const env = { OBS_FRAMEWORK_SPANS: 'all' }
    const app = await startServingApp(t, { app: script, args: frameworks.map((framework) => framework.app), env })
    await app.process.waitFor(new RegExp(`(?:listening \\d+\\n[^]*){${frameworks.length}}`))
    const ports = [...app.process.stdout.matchAll(/^listening (\d+)$/gm)].map(([, port]) => Number(port))
    for (const [index, framework] of frameworks.entries()) {
      await t.test(framework.name, async () => {
        app.receiver.clear()
        await answersOf(ports[index] ?? assert.fail(), planted(framework))
        await app.receiver.waitForSpans((all) => all.filter(isServer).length >= framework.requests.length)
        assert.deepEqual(await places(app), [])
      })
    }
  })
}

const DOCUMENTS = [
  `query Items { items(filter: "${SECRET}") { name } }`,
  `query One($token: Int) { item(id: $token) { name } }`,
  `query Two { item(id: "${SECRET}") { name } }`,
  `query Named($token: String) { items { name } }`,
  `{ nothing(password: "${SECRET}") }`,
  `query ${SECRET.slice(0, 3)} { items { name `,
]

const SERVERS = ['js', 'yoga', 'http', 'apollo', 'mercurius']

test('GraphQL with all of its spans', { skip: withoutFrameworks() }, async (t) => {
  const [anyOf = assert.fail()] = FRAMEWORKS
  const script = frameworkScript({ ...anyOf, folder: '.' }, 'mjs')
  const app = await startServingApp(t, { app: script, args: ['graphql'], env: { OBS_FRAMEWORK_SPANS: 'all' } })
  for (const [at, document] of DOCUMENTS.entries()) {
    const query = `query=${encodeURIComponent(document)}&variables=${encodeURIComponent(JSON.stringify({ token: SECRET }))}`
    for (const server of SERVERS) {
      await app.get(`/${server}?${query}`, { 'apollo-require-preflight': 'yes' })
      await app.receiver.waitForSpans((all) => all.filter(isServer).length > at)
    }
  }
  const count = SERVERS.length * DOCUMENTS.length
  await app.receiver.waitForSpans((all) => all.filter(isServer).length === count)
  assert.deepEqual(await places(app), [])
})

/** For the resource, which has the arguments of the process. */
const ARGS = [`--token=${SECRET}`, '--password', SECRET, `--url=http://user:${SECRET}@127.0.0.1/?token=${SECRET}`]

test('libraries that trace themselves, the spans of an app and the arguments of its process', async (t) => {
  const app = await startServingApp(t, { app: 'use-planted.mjs', env: { SECRET }, args: ARGS })
  await app.get(withSecret('/outer'))
  await app.receiver.waitForSpans((all) => all.some(({ attributes }) => attributes['url.path'] === '/outer'))
  assert.deepEqual(await places(app), [])
  const names = app.receiver.spans.map(({ name }) => name)
  assert.ok(names.includes('fetch GET http://127.0.0.1:9/path'), names.join('\n'))
})
