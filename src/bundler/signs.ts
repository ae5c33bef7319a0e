/**
 * Recognises the output of a bundler. Minification shortens names and removes comments, but keeps the texts of a
 * package's error messages.
 */

/** Texts in packages that can be instrumented, which no minifier changes. */
const PACKAGES: readonly (readonly [name: string, text: string])[] = [
  ['express', 'requires a middleware function'],
  ['fastify', 'FST_ERR_ROUTE_'],
  ['koa', 'middleware must be a function!'],
  ['@hapi/hapi', 'Cannot start server while it is in'],
  ['pg', 'SCRAM-SERVER-FINAL-MESSAGE'],
  ['mysql2', 'PROTOCOL_CONNECTION_LOST'],
  ['mongodb', 'MongoServerSelectionError'],
  ['mongoose', 'MissingSchemaError'],
  ['ioredis', 'Reached the max retries per request limit'],
  ['redis', 'All the root nodes are unavailable'],
  ['kafkajs', 'KafkaJSNonRetriableError'],
  ['amqplib', 'Channel ended, no reply will be forthcoming'],
  ['knex', 'KnexTimeoutError'],
]

/** Matches packages that bundlers name in comments, if the output is not minified. */
const NAMED = /(?:^|[\s"'/])node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?((?:@[\w.-]+\/)?[\w.-]+)\//g

/** The order matters: Rolldown's output contains esbuild's names as well. */
const BUNDLERS: readonly (readonly [bundler: string, sign: RegExp])[] = [
  ['ncc', /__nccwpck_require__/],
  [
    'webpack',
    /__webpack_(?:require|modules|exports)__|^\/\*! For license information please see [^\n]*\.LICENSE\.txt \*\//,
  ],
  ['Rolldown', /rolldown\/runtime\.js|^\/\/#region .*node_modules|__commonJSMin/m],
  ['esbuild', /^var __(?:commonJS|toESM|esm|toCommonJS) = /m],
  ['Bun', /^\/\/ @bun/m],
  ['Rollup', /^function getDefaultExportFromCjs ?\(/m],
  ['Parcel', /parcelRequire[0-9a-f]*/],
]

export interface BundledPackages {
  /** Undefined if the output is minified beyond recognition. */
  readonly bundler: string | undefined
  /** The packages of `known` that are inside. */
  readonly packages: readonly string[]
}

/** Returns which packages a file contains; undefined if it contains none of `known`. */
export function packagesInside(text: string, known: ReadonlySet<string>): BundledPackages | undefined {
  const bundler = BUNDLERS.find(([, sign]) => sign.test(text))?.[0]
  const found = new Set(PACKAGES.filter(([, sign]) => text.includes(sign)).map(([name]) => name))
  if (bundler !== undefined) for (const [, name = ''] of text.matchAll(NAMED)) found.add(name)
  const packages = [...found].filter((name) => known.has(name))
  return packages.length === 0 ? undefined : { bundler, packages: packages.toSorted() }
}
