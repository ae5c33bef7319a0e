import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

const FOLDERS = ['.', 'older', 'newer'] as const
const FOLDER = join(ROOT, 'test', 'matrix', 'frameworks')

/** One request to a framework's app, and what has to be recorded. */
export interface FrameworkRequest {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** 0 if there is no response and the client disconnects. */
  readonly status: number
  /** `http.route`; undefined for an unmatched request. */
  readonly route: string | undefined
  /** The number of exceptions on the SERVER span; default 0. */
  readonly exceptions?: number
  /** The names of the spans below the SERVER span; default none. */
  readonly below?: readonly string[]
}

export interface Framework {
  readonly name: string
  /** `older` contains earlier major versions, `newer` those that other packages do not support yet. */
  readonly folder: (typeof FOLDERS)[number]
  readonly app: string
  readonly modules: readonly ('cjs' | 'mjs')[]
  /** The module formats that the test runs; default all. `node scripts/frameworks.ts` runs the others too. */
  readonly tested?: readonly ('cjs' | 'mjs')[]
  readonly requests: readonly FrameworkRequest[]
  /** Matches output that the app itself writes to stderr. */
  readonly ownStderr?: RegExp
}

/** Requests that several frameworks handle alike. */
function common({ wildcard = '/files/*' }: { readonly wildcard?: string }): FrameworkRequest[] {
  return [
    { path: '/users/7?token=hidden', status: 200, route: '/users/:id' },
    { path: '/users/7', method: 'HEAD', status: 200, route: '/users/:id' },
    { path: '/files/a/b.txt', status: 200, route: wildcard },
    { path: '/old', status: 302, route: '/old' },
    { path: '/private/x', status: 401, route: '/private/:what' },
    { path: '/missing/7', status: 404, route: '/missing/:id' },
    { path: '/nothing', status: 404, route: undefined },
    { path: '/stream', status: 200, route: '/stream' },
    { path: '/hang', status: 0, route: '/hang' },
    { path: '/fail', status: 500, route: '/fail', exceptions: 1 },
    { path: '/fail-later', status: 500, route: '/fail-later', exceptions: 1 },
    { path: '/api/t1/items/7', status: 200, route: '/api/:tenant/items/:item' },
    { path: '/api/t1/nothing', status: 404, route: undefined },
  ]
}

function express(wildcard: string): FrameworkRequest[] {
  return [
    ...common({ wildcard }),
    { path: '/users/7', method: 'DELETE', status: 404, route: undefined },
    { path: '/api/t1', status: 200, route: '/api/:tenant' },
    { path: '/api/t1/deep/x', status: 200, route: '/api/:tenant/deep/:leaf' },
    { path: '/api/t1/after/middleware', status: 200, route: '/api/:tenant/after/middleware' },
    { path: '/api/t1/checked/good', status: 200, route: '/api/:tenant/checked/:checked' },
    // Functions of `router.param()` run before the handlers of the route.
    { path: '/api/t1/checked/bad', status: 400, route: '/api/:tenant/checked/:checked' },
    { path: '/api/t1/found/none', status: 404, route: '/api/:tenant/found/:found' },
    { path: '/api/t1/found/broken', status: 500, route: '/api/:tenant/found/:found', exceptions: 1 },
    { path: '/api/t1/found/passed', status: 404, route: undefined },
    { path: '/accounts/7', status: 200, route: '/accounts/:account' },
    { path: '/accounts/locked', status: 423, route: '/accounts/:account' },
    { path: '/accounts/broken', status: 500, route: '/accounts/:account', exceptions: 1 },
    { path: '/one', status: 200, route: '/one' },
    { path: '/two/7', status: 200, route: '/two/:x' },
    { path: '/first/x', status: 200, route: '/first/:leaf' },
    { path: '/second/1/x', status: 200, route: '/second/:one/:leaf' },
    { path: '/plain/end', status: 200, route: '/plain/end' },
    { path: '/plain/end/other', status: 200, route: '/plain/end/other' },
    { path: '/expressions', status: 200, route: String.raw`/^\/expression(s+)$/` },
    { path: '/inner/page/7', status: 200, route: '/inner/page/:id' },
    { path: '/inner/nothing', status: 404, route: undefined },
    { path: '/assets/file.txt', status: 200, route: '/assets/*' },
    { path: '/assets/none.txt', status: 404, route: undefined },
    { path: '/passed-on', status: 404, route: undefined },
    { path: '/rendered/later', status: 200, route: '/rendered/later' },
    { path: '/refused', status: 403, route: '/refused' },
  ]
}

const ROUTER: readonly FrameworkRequest[] = [
  { path: '/users/7?token=hidden', status: 200, route: '/users/:id' },
  { path: '/users/7', method: 'HEAD', status: 200, route: '/users/:id' },
  { path: '/users', method: 'POST', status: 201, route: '/users' },
  { path: '/users/7', method: 'DELETE', status: 404, route: undefined },
  { path: '/both', method: 'PUT', status: 200, route: '/both' },
  { path: '/any/x', method: 'DELETE', status: 200, route: '/any/:thing' },
  { path: '/one', status: 200, route: '/one' },
  { path: '/two/7', status: 200, route: '/two/:x' },
  { path: '/expressions', status: 200, route: String.raw`/^\/expression(s+)$/` },
  { path: '/old', status: 302, route: '/old' },
  { path: '/private/x', status: 401, route: '/private/:what' },
  { path: '/missing/7', status: 404, route: '/missing/:id' },
  { path: '/stream', status: 200, route: '/stream' },
  { path: '/passed-on', status: 404, route: undefined },
  { path: '/api/t1', status: 200, route: '/api/:tenant' },
  { path: '/api/t1/items/7', status: 200, route: '/api/:tenant/items/:item' },
  { path: '/api/t1/deep/leaf/7', status: 200, route: '/api/:tenant/deep/leaf/:leaf' },
  { path: '/api/t1/nothing', status: 404, route: undefined },
  { path: '/nothing', status: 404, route: undefined },
  { path: '/fail', status: 500, route: '/fail', exceptions: 1 },
  { path: '/fail-later', status: 500, route: '/fail-later', exceptions: 1 },
  { path: '/refused', status: 403, route: '/refused' },
  { path: '/hang', status: 0, route: '/hang' },
]

const JSON_BODY = { 'content-type': 'application/json' }

/** Fastify 4 creates an error for thrown values that are not errors. */
function fastify(exceptionsOfNull: number): FrameworkRequest[] {
  return [
    ...common({}),
    { path: '/users', method: 'POST', headers: JSON_BODY, body: '{"name":"x"}', status: 200, route: '/users' },
    { path: '/users', method: 'POST', headers: JSON_BODY, body: '{}', status: 400, route: '/users' },
    { path: '/users', method: 'POST', headers: JSON_BODY, body: '{', status: 400, route: '/users' },
    { path: '/versioned', headers: { 'accept-version': '1.x' }, status: 200, route: '/versioned' },
    { path: '/versioned', status: 404, route: undefined },
    { path: '/callback', status: 200, route: '/callback' },
    { path: '/api/t1', status: 200, route: '/api/:tenant' },
    { path: '/fail-stream', status: 500, route: '/fail-stream', exceptions: 1 },
    { path: '/fail-hook', status: 500, route: '/fail-hook', exceptions: 1 },
    { path: '/fail-web-stream', status: 500, route: '/fail-web-stream', exceptions: 1 },
    { path: '/fail-null', status: 500, route: '/fail-null', exceptions: exceptionsOfNull },
    { path: '/unserialisable', status: 200, route: '/unserialisable' },
  ]
}

const CONNECT: readonly FrameworkRequest[] = [
  { path: '/users/7?token=hidden', status: 200, route: '/users' },
  { path: '/users/7', method: 'HEAD', status: 200, route: '/users' },
  { path: '/USERS/7', status: 200, route: '/users' },
  { path: '/usersome', status: 404, route: undefined },
  { path: '/inner/deep/x', status: 200, route: '/inner/deep' },
  { path: '/inner/innermost/leaf', status: 200, route: '/inner/innermost/leaf' },
  { path: '/inner/fails', status: 500, route: '/inner/fails', exceptions: 1 },
  { path: '/inner/nothing', status: 404, route: undefined },
  { path: '/server', status: 200, route: '/server' },
  { path: '/handle', status: 200, route: '/handle' },
  { path: '/passes', status: 404, route: undefined },
  { path: '/two', status: 200, route: '/two' },
  { path: '/old', status: 302, route: '/old' },
  { path: '/private', status: 401, route: '/private' },
  { path: '/refused', status: 403, route: '/refused' },
  // A mount cannot distinguish a missing route from a 404 of a handler.
  { path: '/missing', status: 404, route: undefined },
  { path: '/stream', status: 200, route: '/stream' },
  { path: '/root', status: 200, route: undefined },
  { path: '/fail', status: 500, route: '/fail', exceptions: 1 },
  { path: '/fail-later', status: 500, route: '/fail-later', exceptions: 1 },
  { path: '/hang', status: 0, route: '/hang' },
]

const KOA: readonly FrameworkRequest[] = [
  ...common({}).filter(({ path }) => !path.startsWith('/files/')),
  { path: '/users', method: 'POST', status: 201, route: '/users' },
  { path: '/users/7', method: 'POST', status: 405, route: undefined },
  { path: '/users/7', method: 'OPTIONS', status: 200, route: undefined },
  { path: '/any/x', method: 'PUT', status: 200, route: '/any/:thing' },
  { path: '/expressions', status: 200, route: String.raw`/^\/expression(s+)$/` },
  { path: '/composed/7', status: 200, route: '/composed/:id' },
  { path: '/guarded/a/inside/7', headers: { 'x-allowed': 'yes' }, status: 200, route: '/guarded/:area/inside/:id' },
  { path: '/guarded/a/inside/7', status: 403, route: '/guarded/:area/inside/:id' },
  { path: '/fail-text', status: 500, route: '/fail-text', exceptions: 1 },
  { path: '/caught', status: 500, route: '/caught' },
  { path: '/mounted/inner/page/7', status: 200, route: '/mounted/inner/page/:id' },
  { path: '/mounted/inner/nothing', status: 404, route: undefined },
  { path: '/routes/page/7', status: 200, route: '/routes/page/:id' },
  { path: '/passed-on', status: 404, route: undefined },
  { path: '/later/7', status: 200, route: '/later/:id' },
  { path: '/several/me', status: 200, route: '/several/me' },
  { path: '/plain', status: 200, route: undefined },
  { path: '/broken-middleware', status: 500, route: undefined, exceptions: 1 },
]

const HAPI: readonly FrameworkRequest[] = [
  ...common({ wildcard: '/files/{rest*}' }).map((each) => ({ ...each, route: withBraces(each.route) })),
  { path: '/users', method: 'POST', headers: JSON_BODY, body: '{"name":"x"}', status: 200, route: '/users' },
  { path: '/users', method: 'POST', headers: JSON_BODY, body: '{', status: 400, route: '/users' },
  { path: '/users', method: 'POST', headers: { 'content-type': 'no/type' }, body: 'x', status: 415, route: '/users' },
  { path: '/small', method: 'POST', headers: JSON_BODY, body: '{"name":"x"}', status: 413, route: '/small' },
  { path: '/users/7', method: 'DELETE', status: 204, route: '/users/{id}' },
  { path: '/users/7', method: 'PUT', status: 404, route: undefined },
  { path: '/any/x', method: 'PUT', status: 200, route: '/any/{thing}' },
  { path: '/optional', status: 200, route: '/optional/{part?}' },
  { path: '/multi/a/b', status: 200, route: '/multi/{part*2}' },
  { path: '/mixed/a.txt', status: 200, route: '/mixed/{name}.{type}' },
  { path: '/checked/good', status: 200, route: '/checked/{id}' },
  { path: '/checked/x', status: 400, route: '/checked/{id}' },
  { path: '/early/7', status: 403, route: '/early/{id}' },
  { path: '/vhost', headers: { host: 'other.example' }, status: 200, route: '/vhost' },
  { path: '/vhost', status: 404, route: undefined },
  { path: '/before-routing', status: 200, route: undefined },
  { path: '/replaced', status: 500, route: '/replaced', exceptions: 1 },
  { path: '/users/7', headers: { cookie: 'a=b; =' }, status: 400, route: '/users/{id}' },
  { path: '/%', status: 404, route: undefined },
  { path: '/api/t1/items', method: 'POST', headers: JSON_BODY, body: '{', status: 400, route: '/api/{tenant}/items' },
  { path: '/api/t1/deep/leaf/7', status: 200, route: '/api/{tenant}/deep/leaf/{leaf}' },
]

/** Returns `/users/:id` in Hapi's syntax. */
function withBraces(route: string | undefined): string | undefined {
  return route?.replaceAll(/:(\w+)/g, '{$1}')
}

const POLKA: readonly FrameworkRequest[] = [
  { path: '/users/7?token=hidden', status: 200, route: '/users/:id' },
  { path: '/users/7', method: 'HEAD', status: 200, route: '/users/:id' },
  { path: '/users', method: 'POST', status: 201, route: '/users' },
  { path: '/users/7', method: 'PUT', status: 404, route: undefined },
  { path: '/files/a/b.txt', status: 200, route: '/files/*' },
  { path: '/optional', status: 200, route: '/optional/:part?' },
  { path: '/optional/x', status: 200, route: '/optional/:part?' },
  { path: '/old', status: 302, route: '/old' },
  { path: '/private/x', status: 401, route: '/private/:what' },
  { path: '/missing/7', status: 404, route: '/missing/:id' },
  { path: '/stream', status: 200, route: '/stream' },
  { path: '/two/handlers', status: 200, route: '/two/handlers' },
  { path: '/nothing', status: 404, route: undefined },
  { path: '/guarded/page/7', headers: { 'x-allowed': 'yes' }, status: 200, route: '/guarded/page/:id' },
  // A middleware that responds does so before any route matches.
  { path: '/guarded/page/7', status: 403, route: undefined },
  { path: '/inner', status: 200, route: '/inner' },
  { path: '/inner/page/7', status: 200, route: '/inner/page/:id' },
  { path: '/inner/deep/leaf/7', status: 200, route: '/inner/deep/leaf/:leaf' },
  { path: '/inner/nothing', status: 404, route: undefined },
  { path: '/plain', status: 200, route: undefined },
  { path: '/fail', status: 500, route: '/fail', exceptions: 1 },
  { path: '/fail-later', status: 500, route: '/fail-later', exceptions: 1 },
  { path: '/fail-text', status: 500, route: '/fail-text', exceptions: 1 },
  { path: '/refused', status: 403, route: '/refused' },
  { path: '/hang', status: 0, route: '/hang' },
]

/** `wildcard` is in the syntax of the underlying framework. */
function nest(wildcard: string): FrameworkRequest[] {
  return [
    { path: '/api/users/7?token=hidden', status: 200, route: '/api/users/:id' },
    { path: '/api/users/7', method: 'HEAD', status: 200, route: '/api/users/:id' },
    { path: '/api/users', method: 'POST', headers: JSON_BODY, body: '{"name":"x"}', status: 201, route: '/api/users' },
    { path: '/api/users/7', method: 'DELETE', status: 204, route: '/api/users/:id' },
    { path: '/api/users/7', method: 'PUT', status: 404, route: undefined },
    { path: '/api/any/x', method: 'PATCH', status: 200, route: '/api/any/:thing' },
    { path: '/api/files/a/b.txt', status: 200, route: wildcard },
    { path: '/api/old', status: 302, route: '/api/old' },
    { path: '/v1/api/versioned/7', status: 200, route: '/v1/api/versioned/:id' },
    { path: '/v2/api/versioned/7', status: 404, route: undefined },
    { path: '/api/number/7', status: 200, route: '/api/number/:id' },
    { path: '/api/number/x', status: 400, route: '/api/number/:id' },
    { path: '/api/guarded/7', status: 403, route: '/api/guarded/:id' },
    { path: '/api/missing/7', status: 404, route: '/api/missing/:id' },
    { path: '/api/teapot', status: 418, route: '/api/teapot' },
    { path: '/api/internal', status: 500, route: '/api/internal', exceptions: 1 },
    { path: '/api/nothing', status: 404, route: undefined },
    { path: '/api/fail', status: 500, route: '/api/fail', exceptions: 1 },
    { path: '/api/fail-later', status: 500, route: '/api/fail-later', exceptions: 1 },
    { path: '/api/filtered', status: 500, route: '/api/filtered', exceptions: 1 },
    { path: '/api/rewritten', status: 500, route: '/api/rewritten', exceptions: 1 },
    { path: '/api/intercepted', status: 500, route: '/api/intercepted', exceptions: 1 },
    { path: '/api/stream', status: 200, route: '/api/stream' },
    { path: '/api/events', status: 200, route: '/api/events' },
    { path: '/api/hang', status: 0, route: '/api/hang' },
  ]
}

/** Returns the common requests with those replaced, by path, that a framework handles differently. */
function commonBut(changes: Readonly<Record<string, Partial<FrameworkRequest> | undefined>>): FrameworkRequest[] {
  return common({}).flatMap((each) => {
    if (!(each.path in changes)) return [each]
    const change = changes[each.path]
    return change === undefined ? [] : [{ ...each, ...change }]
  })
}

const FIND_MY_WAY: readonly FrameworkRequest[] = [
  ...commonBut({ '/fail': { exceptions: 0 }, '/fail-later': undefined }),
  { path: '/users', method: 'POST', status: 201, route: '/users' },
  { path: '/users', method: 'PUT', status: 201, route: '/users' },
  { path: '/users', method: 'DELETE', status: 404, route: undefined },
  { path: '/optional', status: 200, route: '/optional/:part?' },
  { path: '/optional/x', status: 200, route: '/optional/:part?' },
  { path: String.raw`/at/12h:30m`, status: 404, route: undefined },
  { path: '/versioned', headers: { 'accept-version': '1.2.0' }, status: 200, route: '/versioned' },
  { path: '/versioned', status: 404, route: undefined },
  { path: '/compiled/7', status: 200, route: '/compiled/:id' },
]

const H3: readonly FrameworkRequest[] = [
  ...commonBut({ '/files/a/b.txt': { route: '/files/**' } }),
  { path: '/users', method: 'POST', status: 200, route: '/users' },
  { path: '/users/7', method: 'DELETE', status: 204, route: '/users/:id' },
  { path: '/any/x', method: 'PUT', status: 200, route: '/any/:thing' },
  { path: '/broken', status: 500, route: '/broken', exceptions: 1 },
  { path: '/uncaught-later', status: 500, route: '/uncaught-later', exceptions: 1 },
  { path: '/returned', status: 502, route: '/returned', exceptions: 1 },
  { path: '/number', status: 404, route: '/number' },
  { path: '/failing/fail', status: 500, route: '/failing/fail', exceptions: 1 },
  { path: '/first/leaf/7', status: 200, route: '/first/leaf/:leaf' },
  { path: '/second/leaf/7?a=/b', status: 200, route: '/second/leaf/:leaf' },
  { path: '/third/leaf/7%2F8', status: 200, route: '/third/leaf/:leaf' },
  { path: '/third/deep/leaf/7', status: 200, route: '/third/deep/leaf/:leaf' },
  { path: '/tenants/t1/leaf/7', status: 200, route: '/tenants/:tenant/leaf/:leaf' },
  { path: '/guarded/7', headers: { 'x-allowed': 'yes' }, status: 200, route: '/guarded/:id' },
  { path: '/calls/7', status: 200, route: '/calls/:id' },
  { path: '/calls-failing', status: 200, route: '/calls-failing' },
  { path: '/inner/page/7', status: 200, route: '/inner/page/:id' },
  { path: '/inner/deep/leaf/7', status: 200, route: '/inner/deep/leaf/:leaf' },
  { path: '/inner/nothing', status: 404, route: undefined },
]

/** In h3 2, middlewares run when the route is known. */
const H3_2: readonly FrameworkRequest[] = [
  ...H3,
  { path: '/guarded/7', status: 403, route: '/guarded/:id' },
  { path: '/stopped/7', status: 503, route: '/stopped/:id', exceptions: 1 },
  { path: '/uncaught', status: 500, route: '/uncaught', exceptions: 1 },
  // Middlewares of `onError`.
  ...['/answered', '/seen'].flatMap((path) => [
    { path: `${path}/thrown`, status: 500, route: `${path}/thrown`, exceptions: 1 },
    { path: `${path}/later`, status: 503, route: `${path}/later`, exceptions: 1 },
    { path: `${path}/refused`, status: 403, route: `${path}/refused` },
  ]),
]

/** h3 1 has no HEAD for routes with GET. */
const H3_1: readonly FrameworkRequest[] = [
  ...H3.map((each) => (each.method === 'HEAD' ? { ...each, status: 404, route: undefined } : each)),
  { path: '/guarded/7', status: 403, route: '/guarded' },
  { path: '/stopped/7', status: 503, route: '/stopped', exceptions: 1 },
  { path: '/plain/7', status: 200, route: '/plain' },
  { path: '/plain', status: 200, route: '/plain' },
  { path: '/plain/deep/7', status: 200, route: '/plain/deep' },
  { path: '/passes/7', status: 404, route: undefined },
]

const HONO: readonly FrameworkRequest[] = [
  ...common({}),
  { path: '/users', method: 'POST', headers: JSON_BODY, body: '{"name":"x"}', status: 201, route: '/users' },
  { path: '/users/7', method: 'DELETE', status: 204, route: '/users/:id' },
  { path: '/users/7', method: 'PUT', status: 404, route: undefined },
  { path: '/any/x', method: 'PUT', status: 200, route: '/any/:thing' },
  { path: '/several', method: 'PUT', status: 200, route: '/several' },
  { path: '/others/7', method: 'PATCH', status: 200, route: '/others/:id' },
  { path: '/optional', status: 200, route: '/optional/:part?' },
  { path: '/optional/x', status: 200, route: '/optional/:part?' },
  { path: '/number/7', status: 200, route: '/number/:id{[0-9]+}' },
  { path: '/number/x', status: 404, route: undefined },
  { path: '/guarded/7', headers: { 'x-allowed': 'yes' }, status: 200, route: '/guarded/:id' },
  // A middleware that responds does so before any route matches.
  { path: '/guarded/7', status: 403, route: undefined },
  ...[401, 404].map((status) => ({
    path: '/allowed/7',
    headers: { 'x-status': String(status) },
    status,
    route: '/allowed/:id',
  })),
  { path: '/allowed/7', status: 200, route: '/allowed/:id' },
  { path: '/allowed/7', method: 'POST', headers: { 'x-status': '404' }, status: 404, route: '/allowed/:id' },
  { path: '/only/x', headers: { 'x-status': '200' }, status: 200, route: '/only/:file' },
  { path: '/only/x', status: 404, route: undefined },
  { path: '/exactly', headers: { 'x-status': '403' }, status: 403, route: '/exactly' },
  { path: '/function/t1/x/y', status: 200, route: '/function/:tenant/*' },
  { path: '/empty/x', status: 404, route: undefined },
  { path: '/mounted/none', status: 404, route: undefined },
  { path: '/refused', status: 403, route: '/refused' },
  { path: '/events', status: 200, route: '/events' },
  { path: '/calls/7', status: 200, route: '/calls/:id' },
  { path: '/calls-failing', status: 200, route: '/calls-failing' },
  { path: '/api/t1/deep/leaf/7', status: 200, route: '/api/:tenant/deep/leaf/:leaf' },
  { path: '/mounted/page/7', status: 200, route: '/mounted/page/:id' },
  { path: '/mounted/inner/leaf/7', status: 200, route: '/mounted/inner/leaf/:leaf' },
  ...['/handling', '/around/:tenant/handling'].flatMap((route) => {
    const path = route.replace(':tenant', 't1')
    return [
      { path: `${path}/7`, status: 200, route: `${route}/:id` },
      { path: `${path}/7/fail`, status: 500, route: `${route}/:id/fail`, exceptions: 1 },
      { path: `${path}/7/fail-later`, status: 500, route: `${route}/:id/fail-later`, exceptions: 1 },
      { path: `${path}/7/refused`, status: 403, route: `${route}/:id/refused` },
      { path: `${path}/7/nothing`, status: 404, route: undefined },
    ]
  }),
]

const input = (value: unknown): string => `input=${encodeURIComponent(JSON.stringify(value))}`

/** Returns the requests for the procedures of one router, mounted at `prefix`. */
function trpc(prefix: string): FrameworkRequest[] {
  const at = (path: string): string => `${prefix}/${path}`
  return [
    { path: at(`users.byId?${input({ id: '7' })}`), status: 200, route: at('users.byId') },
    { path: at(`users.byId?${input({ id: 7 })}`), status: 400, route: at('users.byId') },
    { path: at('users.list'), status: 200, route: at('users.list') },
    { path: at('users.list,private?batch=1'), status: 207, route: at('private,users.list') },
    { path: at('users.add'), method: 'POST', headers: JSON_BODY, body: '"x"', status: 200, route: at('users.add') },
    { path: at('users.none'), status: 404, route: at('users.none') },
    { path: at('private'), status: 401, route: at('private') },
    { path: at('fails'), status: 500, route: at('fails') },
    { path: at('failsLater'), status: 500, route: at('failsLater') },
    { path: at('calls'), status: 200, route: at('calls') },
  ]
}

const TRPC_STATUS: Readonly<Record<string, number>> = {
  calls: 200,
  fails: 500,
  failsLater: 500,
  private: 401,
  'users.byId': 400,
  'users.list': 200,
  'users.none': 404,
}

/** All batches of two procedures that are not asked for elsewhere: 20 combinations have a name, including that one. */
function trpcPairs(): FrameworkRequest[] {
  const names = Object.keys(TRPC_STATUS)
  const pairs = names.flatMap((one, at) => names.slice(at + 1).map((two) => [one, two] as const))
  return pairs
    .filter((pair) => pair.join() !== 'private,users.list')
    .map(([one, two], at) => ({
      path: `/own/${two},${one}?batch=1`,
      status: TRPC_STATUS[one] === TRPC_STATUS[two] ? (TRPC_STATUS[one] ?? 0) : 207,
      route: at < 19 ? `/own/${one},${two}` : '/own/[batch]',
    }))
}

/** Requests below paths of which clients choose a part. */
function trpcOfTenants(): FrameworkRequest[] {
  const mounts = {
    '/tenants/T/trpc': '/tenants/:tenant/trpc',
    '/nested/T/trpc': '/nested/:tenant/trpc',
    '/custom/T/trpc': '/custom/:tenant',
    '/chosen/T/trpc': '',
  }
  return Object.entries(mounts).flatMap(([path, mount]) =>
    ['acme', 'other'].map((tenant) => ({
      path: `${path.replace('T', tenant)}/users.list`,
      status: 200,
      route: `${mount}/users.list`,
    })),
  )
}

const TRPC: readonly FrameworkRequest[] = [
  ...['/own', '/trpc', '/fast'].flatMap(trpc),
  ...trpcOfTenants(),
  { path: '/trpc/any/users.list', status: 200, route: '/trpc/users.list' },
  ...trpcPairs(),
  { path: '/own/hang', status: 0, route: '/own/hang' },
  { path: '/own/nothing', status: 404, route: undefined },
  { path: '/trpc/nothing', status: 404, route: undefined },
  { path: '/fast/nothing', status: 404, route: '/fast/:path' },
]

/** How a server responds to what it rejects before an operation begins. */
interface Refusals {
  readonly invalid: number
  readonly empty: number
  /** Whether the route is known without an operation. */
  readonly hasRoute: boolean
}

const GRAPHQL: Readonly<Record<string, Refusals>> = {
  js: { invalid: 200, empty: 200, hasRoute: true },
  yoga: { invalid: 200, empty: 200, hasRoute: true },
  http: { invalid: 200, empty: 400, hasRoute: false },
  apollo: { invalid: 400, empty: 400, hasRoute: false },
  mercurius: { invalid: 400, empty: 400, hasRoute: true },
  jit: { invalid: 400, empty: 400, hasRoute: true },
}

/** Returns the same requests for each server, whose endpoint is its name. */
function graphql(...servers: readonly string[]): FrameworkRequest[] {
  return servers.flatMap((server) => {
    const route = `/${server}`
    const { invalid, empty, hasRoute } = GRAPHQL[server] as Refusals
    const post = (params: object, status: number, below: readonly string[]): FrameworkRequest => ({
      path: route,
      method: 'POST',
      headers: { ...JSON_BODY, accept: 'application/json' },
      body: JSON.stringify(params),
      status,
      route,
      below,
    })
    const shop = 'query Shop { items { id name price } }'
    const two = `${shop} query One { item(id: 1) { id } }`
    const refused = hasRoute ? route : undefined
    return [
      {
        path: `${route}?query=${encodeURIComponent(shop)}`,
        headers: { accept: 'application/json', 'apollo-require-preflight': 'yes' },
        status: 200,
        route,
        below: ['query Shop'],
      },
      post({ query: shop }, 200, ['query Shop']),
      post({ query: '{ items { id } }' }, 200, ['query']),
      post({ query: two, operationName: 'One' }, 200, ['query One']),
      post({ query: 'query One($id: Int) { item(id: $id) { id } }', variables: { id: 7 } }, 200, ['query One']),
      post({ query: 'mutation Add { add(id: 1) { id } }' }, 200, ['mutation Add']),
      post({ query: 'query Broken { fails { id } }' }, 200, ['query Broken']),
      post({ query: 'query Broken { failsLater { id } item(id: 1) { id } }' }, 200, ['query Broken']),
      post({ query: '{ nothing }' }, invalid, []),
      post({ query: '{' }, invalid, []),
      { ...post({}, empty, []), route: refused },
    ]
  })
}

/** Paths that clients choose: below a parameter of the endpoint, or of a server that answers any path. */
const GRAPHQL_PATHS: readonly (readonly [path: string, route: string | undefined])[] = [
  ['/tenants/acme', '/tenants/:tenant'],
  ['/mounted/acme', '/mounted/:tenant'],
  ['/mounted/other/below', '/mounted/:tenant'],
  ['/js/chosen', undefined],
  ['/http/chosen', undefined],
]

function graphqlAt([path, route]: (typeof GRAPHQL_PATHS)[number]): FrameworkRequest {
  return {
    path,
    method: 'POST',
    headers: { ...JSON_BODY, accept: 'application/json' },
    body: '{"query":"{ items { id } }"}',
    status: 200,
    route,
    below: ['query'],
  }
}

/** What Apollo answers itself, and how operations end that the others are not asked for. */
function apollo(): FrameworkRequest[] {
  const path = '/apollo'
  const get = (query: string): string => `${path}?query=${encodeURIComponent(query)}`
  const preflight = { accept: 'application/json', 'apollo-require-preflight': 'yes' }
  const post = (params: unknown, status: number, below: readonly string[], hasRoute = true): FrameworkRequest => ({
    path,
    method: 'POST',
    headers: { ...JSON_BODY, accept: 'application/json' },
    body: JSON.stringify(params),
    status,
    route: hasRoute ? path : undefined,
    below,
  })
  return [
    ...graphql('apollo'),
    // A request that a page of another site can make.
    { path: get('{ items { id } }'), status: 400, route: undefined },
    { path: get('mutation Add { add(id: 1) { id } }'), headers: preflight, status: 405, route: undefined },
    { path: get('query Shop { items { id } }'), method: 'HEAD', headers: preflight, status: 405, route: undefined },
    { path, method: 'PUT', headers: JSON_BODY, body: '{}', status: 405, route: undefined },
    { path, method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}', status: 400, route: undefined },
    post([{ query: '{ items { id } }' }], 400, [], false),
    post({ query: 'query Need($id: Int!) { item(id: $id) { id } }' }, 200, ['query Need']),
    post({ query: 'query Two { a: item(id: 1) { ...I } b: item(id: 2) { ...I } } fragment I on Item { id }' }, 200, [
      'query Two',
    ]),
    post({ query: 'query Hangs { hangs { id } }' }, 0, []),
    { path: '/nothing', status: 404, route: undefined },
  ]
}

/** Returns a message in the envelope of streams in Connect, gRPC and gRPC-Web: flags, length, message. */
function enveloped(message: object): string {
  const text = JSON.stringify(message)
  return `\0\0\0\0${String.fromCharCode(text.length)}${text}`
}

/** `id` is the method's argument; with 404 or more, it fails with that status. */
const rpcCall = (method: string, type: string, id: number, status: number, exceptions = 0): FrameworkRequest => ({
  path: `/shop.Shop/${method}`,
  method: 'POST',
  headers: { 'content-type': type },
  body: type === 'application/json' ? JSON.stringify({ id }) : enveloped({ id }),
  status,
  route: `/shop.Shop/${method}`,
  exceptions,
})

function connectRpc(): FrameworkRequest[] {
  const streams = ['application/connect+json', 'application/grpc-web+json'].flatMap((type) => [
    rpcCall('List', type, 7, 200),
    rpcCall('List', type, 404, 200),
    rpcCall('List', type, 500, 200, 1),
    rpcCall('List', type, 1000, 200, 1),
  ])
  return [
    rpcCall('Get', 'application/json', 7, 200),
    rpcCall('Get', 'application/json', 404, 404),
    rpcCall('Get', 'application/json', 500, 500, 1),
    rpcCall('Get', 'application/json', 503, 503, 1),
    rpcCall('Get', 'application/json', 1000, 500, 1),
    rpcCall('Missing', 'application/json', 7, 501, 1),
    { ...rpcCall('Get', 'application/json', 7, 400), body: '{' },
    rpcCall('Get', 'application/grpc-web+json', 7, 200),
    rpcCall('Get', 'application/grpc-web+json', 500, 200, 1),
    ...streams,
    rpcCall('Get', 'text/plain', 7, 415),
    { ...rpcCall('Nothing', 'application/json', 7, 404), route: undefined },
    ...['/of/acme', '/chosen/acme', '/below'].map((prefix) => ({
      ...rpcCall('Get', 'application/json', 7, 200),
      path: `${prefix}/shop.Shop/Get`,
      route: `${prefix.replace('acme', ':tenant').replace('/chosen/:tenant', '')}/shop.Shop/Get`,
    })),
    { path: '/seen', status: 200, route: undefined },
  ]
}

const ELYSIA: readonly FrameworkRequest[] = [
  ...common({}),
  { path: '/users', method: 'POST', status: 201, route: '/users' },
  { path: '/users/7', method: 'DELETE', status: 404, route: undefined },
  { path: '/optional', status: 200, route: '/optional/:part?' },
  { path: '/optional/x', status: 200, route: '/optional/:part?' },
  { path: '/any/x', method: 'PUT', status: 200, route: '/any/:thing' },
  { path: '/text', status: 200, route: '/text' },
  { path: '/refused', status: 403, route: '/refused' },
  { path: '/guarded/7', status: 403, route: '/guarded/:id' },
  { path: '/guarded/7', headers: { 'x-allowed': 'yes' }, status: 200, route: '/guarded/:id' },
  { path: '/handled/response?x=1', status: 500, route: '/handled/response', exceptions: 1 },
  { path: '/handled/text', status: 500, route: '/handled/text', exceptions: 1 },
  { path: '/handled/passed', status: 500, route: '/handled/passed', exceptions: 1 },
  { path: '/handled/refused', status: 403, route: '/handled/refused' },
  { path: '/handled/keys', status: 200, route: '/handled/keys' },
  { path: '/calls/7', status: 200, route: '/calls/:id' },
  { path: '/calls-failing', status: 200, route: '/calls-failing' },
]

/** Restify answers with 405 where a path has routes for other methods, and takes an empty parameter. */
const RESTIFY: readonly FrameworkRequest[] = [
  ...common({}),
  { path: '/users', method: 'POST', status: 201, route: '/users' },
  { path: '/users/7', method: 'DELETE', status: 405, route: undefined },
  { path: '/users/7', method: 'PUT', status: 405, route: undefined },
  { path: '/named/7', status: 200, route: '/named/:id' },
  { path: '/users', status: 405, route: undefined },
  { path: '/users/7/', status: 404, route: undefined },
  { path: '/users/', status: 200, route: '/users/:id' },
]

const BOTH = ['cjs', 'mjs'] as const

export const FRAMEWORKS: readonly Framework[] = [
  { name: 'express 5', folder: '.', app: 'express', modules: BOTH, requests: express('/files/*rest') },
  { name: 'express 4', folder: 'older', app: 'express', modules: BOTH, tested: ['cjs'], requests: express('/files/*') },
  { name: 'router 2', folder: '.', app: 'router', modules: BOTH, tested: ['mjs'], requests: ROUTER },
  { name: 'router 1', folder: 'older', app: 'router', modules: ['cjs'], requests: ROUTER },
  { name: 'connect 3', folder: '.', app: 'connect', modules: BOTH, tested: ['cjs'], requests: CONNECT },
  { name: 'fastify 5', folder: '.', app: 'fastify', modules: BOTH, requests: fastify(0) },
  { name: 'fastify 4', folder: 'older', app: 'fastify', modules: BOTH, tested: ['cjs'], requests: fastify(1) },
  { name: 'koa 3', folder: '.', app: 'koa', modules: BOTH, tested: ['cjs'], requests: KOA },
  { name: 'koa 2', folder: 'older', app: 'koa', modules: BOTH, tested: ['mjs'], requests: KOA },
  { name: 'hapi 21', folder: '.', app: 'hapi', modules: BOTH, tested: ['cjs'], requests: HAPI },
  { name: 'hono 4', folder: '.', app: 'hono', modules: BOTH, requests: HONO },
  {
    name: 'hono 3',
    folder: 'older',
    app: 'hono',
    modules: BOTH,
    tested: ['cjs'],
    requests: HONO.filter(({ path }) => /^\/(?:users|api|handling|around)\//.test(path)),
  },
  { name: 'polka 0.5', folder: '.', app: 'polka', modules: BOTH, tested: ['mjs'], requests: POLKA },
  { name: 'restify 12', folder: '.', app: 'restify', modules: BOTH, tested: ['cjs'], requests: RESTIFY },
  { name: 'find-my-way 9', folder: '.', app: 'find-my-way', modules: BOTH, tested: ['mjs'], requests: FIND_MY_WAY },
  { name: 'h3 2', folder: '.', app: 'h3', modules: ['mjs'], requests: H3_2 },
  { name: 'h3 1', folder: 'older', app: 'h3', modules: BOTH, requests: H3_1 },
  { name: 'tRPC 11', folder: '.', app: 'trpc', modules: BOTH, requests: TRPC },
  {
    name: 'GraphQL: graphql-js 16, Yoga 5, graphql-http, Apollo 5, Mercurius 16',
    folder: '.',
    app: 'graphql',
    modules: BOTH,
    tested: ['mjs'],
    requests: [...graphql('js', 'yoga', 'http', 'apollo', 'mercurius', 'jit'), ...GRAPHQL_PATHS.map(graphqlAt)],
  },
  {
    name: 'GraphQL: Apollo 4',
    folder: 'older',
    app: 'graphql-apollo',
    modules: BOTH,
    tested: ['cjs'],
    requests: apollo(),
  },
  {
    name: 'GraphQL: graphql-js 17, Yoga 5, graphql-http',
    folder: 'newer',
    app: 'graphql-newer',
    modules: BOTH,
    tested: ['mjs'],
    requests: graphql('js', 'yoga', 'http'),
  },
  { name: 'elysia 1', folder: '.', app: 'elysia', modules: BOTH, tested: ['mjs'], requests: ELYSIA },
  { name: 'Connect-RPC 2', folder: '.', app: 'connect-rpc', modules: BOTH, tested: ['cjs'], requests: connectRpc() },
  { name: 'nest 12 (Express 5)', folder: '.', app: 'nest', modules: ['mjs'], requests: nest('/api/files/*path') },
  {
    name: 'nest 12 (Fastify 5)',
    folder: '.',
    app: 'nest-fastify',
    modules: ['mjs'],
    tested: [],
    requests: nest('/api/files/*'),
  },
  {
    name: 'nest 12, required (Express 5)',
    folder: '.',
    app: 'nest',
    modules: ['cjs'],
    tested: [],
    // In this case it is an ES module whose inner files no hook sees, so exceptions that a filter of the app handles
    // are not recorded.
    requests: nest('/api/files/*path').map((each) =>
      each.path.endsWith('filtered') ? { ...each, exceptions: 0 } : each,
    ),
  },
  {
    name: 'nest 11 (Express 5)',
    folder: 'older',
    app: 'nest',
    modules: BOTH,
    tested: [],
    requests: nest('/api/files/*path'),
  },
  {
    name: 'nest 11 (Fastify 5)',
    folder: 'older',
    app: 'nest-fastify',
    modules: ['cjs'],
    requests: nest('/api/files/*'),
  },
]

export function frameworkScript({ folder }: Framework, module: 'cjs' | 'mjs'): string {
  return join(FOLDER, folder, `run.${module}`)
}

/** Returns the reason for a test's `skip`. If every service is required, what is missing is a failure. */
export function withoutFrameworks(): string | false {
  const isInstalled = FOLDERS.every((folder) => existsSync(join(FOLDER, folder, 'node_modules')))
  if (isInstalled || process.env['OBS_TEST_SERVICES'] === 'require') return false
  return 'test/matrix/frameworks is not installed: npm ci --prefix test/matrix/frameworks, and the same in its folders older and newer'
}
