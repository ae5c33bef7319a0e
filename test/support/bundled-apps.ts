import type { FrameworkRequest } from './framework-matrix.ts'

/** An app that has to be built before it runs. */
export interface BundledApp {
  readonly name: string
  /** A folder below test/matrix. */
  readonly folder: string
  /** Versions that override those in its manifest. */
  readonly versions?: Readonly<Record<string, string>>
  readonly build: readonly string[]
  /** The environment of the build. */
  readonly env?: Readonly<Record<string, string>>
  /** Files to copy after the build, as pairs of source and target. */
  readonly after?: readonly (readonly [string, string])[]
  /** Returns the arguments of Node.js. */
  readonly start: (port: string) => readonly string[]
  readonly requests: readonly FrameworkRequest[]
}

interface Spelling {
  readonly user: string
  readonly files: string
  readonly missing: string
  readonly item: string
}

const COLONS: Spelling = { user: '/users/:id', files: '/files/*', missing: '/missing/:id', item: '/api/items/:item' }
const BRACKETS: Spelling = {
  user: '/users/[id]',
  files: '/files/[...rest]',
  missing: '/missing/[id]',
  item: '/api/items/[item]',
}

function common({ user, files, missing, item }: Spelling): FrameworkRequest[] {
  return [
    { path: '/', status: 200, route: '/' },
    { path: '/users/7?token=hidden', status: 200, route: user },
    { path: '/users/7', method: 'HEAD', status: 200, route: user },
    { path: '/files/a/b.txt', status: 200, route: files },
    { path: '/old', status: 302, route: '/old' },
    { path: '/fail', status: 500, route: '/fail' },
    { path: '/missing/7', status: 404, route: missing },
    { path: '/api/items/7', status: 200, route: item },
    { path: '/nothing', status: 404, route: undefined },
  ]
}

const NEXT: readonly FrameworkRequest[] = [
  { path: '/shop/7?token=hidden', status: 200, route: '/shop/[id]' },
  { path: '/shop/7', method: 'HEAD', status: 200, route: '/shop/[id]' },
  { path: '/api/items/7', status: 200, route: '/api/items/[item]' },
  { path: '/old/x', status: 200, route: '/old/[slug]' },
  { path: '/static', status: 200, route: '/static' },
  { path: '/api/items/7', method: 'POST', body: '{}', status: 405, route: '/api/items/[item]' },
  { path: '/api/fail?token=hidden', status: 500, route: '/api/fail' },
  { path: '/api/old', status: 307, route: '/api/old' },
  { path: '/fails/7?token=hidden', status: 500, route: '/fails/[id]' },
  { path: '/missing/7', status: 404, route: '/missing/[id]' },
  { path: '/docs/a/b', status: 200, route: '/docs/[...parts]' },
  { path: '/group', status: 200, route: '/group' },
  { path: '/api/old-api/7?token=hidden', status: 200, route: '/api/old-api/[id]' },
  { path: '/data/7?token=hidden', status: 200, route: '/data/[id]' },
  { path: '/guarded/7', status: 307, route: undefined },
  { path: '/early/7', status: 200, route: undefined },
  { path: '/api/stream', status: 200, route: '/api/stream' },
  { path: '/api/items/7/deep/x', status: 200, route: '/api/items/[item]/deep/[leaf]' },
  { path: '/api/hang', status: 0, route: '/api/hang' },
  { path: '/nothing?token=hidden', status: 404, route: undefined },
]

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const NEXT_START = (port: string): string[] => ['node_modules/next/dist/bin/next', 'start', '-p', port]

export const BUNDLED: readonly BundledApp[] = [
  {
    name: 'React Router 7',
    folder: 'bundled/react-router',
    build: ['react-router', 'build'],
    start: () => ['node_modules/@react-router/serve/bin.js', 'build/server/index.js'],
    requests: [
      ...common(COLONS),
      { path: '/files/a%20b.txt', status: 200, route: '/files/*' },
      { path: '/nothing', method: 'HEAD', status: 404, route: undefined },
      { path: '/users/7', method: 'POST', status: 200, route: '/users/:id' },
      { path: '/users/7.data', status: 200, route: '/users/:id' },
      { path: '/shop', status: 200, route: '/shop/:category?' },
      { path: '/shop/a/deep/x', status: 200, route: '/shop/:category?/deep/:leaf' },
      { path: '/framed/7', status: 200, route: '/framed/:id' },
      { path: '/shop', method: 'POST', status: 405, route: '/shop/:category?' },
      { path: '/stream', status: 200, route: '/stream' },
      { path: '/broken', status: 500, route: '/broken' },
      { path: '/hang', status: 0, route: '/hang' },
    ],
  },
  {
    name: 'SvelteKit 2',
    folder: 'bundled/sveltekit',
    build: ['vite', 'build'],
    start: () => ['build/index.js'],
    requests: [
      ...common(BRACKETS),
      { path: '/users/7/__data.json', status: 200, route: '/users/[id]' },
      { path: '/shop/a', status: 200, route: '/shop/[[category]]' },
      { path: '/stream', status: 200, route: '/stream' },
      { path: '/nested/a/deep/b', status: 200, route: '/nested/[a]/deep/[b]' },
      { path: '/users/7', method: 'POST', headers: FORM, body: 'a=b', status: 403, route: undefined },
      { path: '/stream', method: 'PUT', status: 405, route: '/stream' },
      { path: '/moved', status: 302, route: '/moved' },
      { path: '/broken/7', status: 500, route: '/broken/[id]' },
      { path: '/none/7', status: 404, route: '/none/[id]' },
      { path: '/early/7', status: 200, route: undefined },
      { path: '/hang', status: 0, route: '/hang' },
    ],
  },
  {
    name: 'Astro 7',
    folder: 'bundled/astro',
    build: ['astro', 'build'],
    start: () => ['dist/server/entry.mjs'],
    requests: [
      ...common(BRACKETS),
      { path: '/nothing', method: 'HEAD', status: 404, route: undefined },
      { path: '/users/7', method: 'POST', headers: { 'content-type': 'text/plain' }, status: 403, route: undefined },
      { path: '/nested/a/deep/b', status: 200, route: '/nested/[a]/deep/[b]' },
      { path: '/made', method: 'POST', headers: JSON_TYPE, body: '{}', status: 201, route: '/made' },
      { path: '/made', status: 404, route: '/made' },
      { path: '/moved', status: 302, route: '/moved' },
      { path: '/broken', status: 500, route: '/broken' },
      { path: '/rewritten', status: 200, route: '/users/[id]' },
      { path: '/stream', status: 200, route: '/stream' },
      { path: '/early/7', status: 200, route: undefined },
      { path: '/hang', status: 0, route: '/hang' },
    ],
  },
  {
    name: 'Nuxt 4 (Nitro 2)',
    folder: 'bundled/nuxt',
    build: ['nuxt', 'build'],
    start: () => ['.output/server/index.mjs'],
    requests: [
      ...common({ ...COLONS, files: '/files/**:rest' }),
      { path: '/nothing', method: 'HEAD', status: 404, route: undefined },
      { path: '/shop/a/b', status: 200, route: '/shop/:rest(.*)*' },
      { path: '/parent/child/7', status: 200, route: '/parent/child/:leaf' },
      { path: '/api/items', method: 'POST', headers: JSON_TYPE, body: '{"a":1}', status: 200, route: '/api/items' },
      { path: '/api/only', method: 'POST', status: 405, route: '/api/only' },
      { path: '/moved', status: 302, route: '/moved' },
      { path: '/broken', status: 500, route: '/broken' },
      { path: '/none/7', status: 404, route: '/none/:id' },
      { path: '/stream', status: 200, route: '/stream' },
      { path: '/early/7', status: 200, route: undefined },
      { path: '/hang', status: 0, route: '/hang' },
    ],
  },
  { name: 'Next.js 16', folder: 'frameworks/next', build: ['next', 'build'], start: NEXT_START, requests: NEXT },
  {
    name: 'Next.js 16, standalone',
    folder: 'frameworks/next',
    build: ['next', 'build'],
    env: { OUTPUT: 'standalone' },
    after: [['.next/static', '.next/standalone/.next/static']],
    start: () => ['.next/standalone/server.js'],
    requests: NEXT,
  },
  {
    name: 'Next.js 15',
    folder: 'frameworks/next',
    versions: { next: '15' },
    build: ['next', 'build'],
    start: NEXT_START,
    requests: NEXT,
  },
]
