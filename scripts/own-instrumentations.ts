import { join } from 'node:path'

const SOURCES = join(import.meta.dirname, '../src/instrumentation')

/** An instrumentation of ours, by its short name in `OTEL_NODE_ENABLED_INSTRUMENTATIONS`. */
export interface OwnInstrumentation {
  readonly name: string
  readonly from: string
  readonly className: string
  /**
   * The options set by `OBS_INSTRUMENTATION_<NAME>_<OPTION>`, besides `enabled`. `gone` is an option of upstream's
   * instrumentation that has no effect here.
   */
  readonly options: Readonly<Record<string, 'boolean' | 'number' | 'text' | 'list' | 'gone'>>
}

const LAYERS = { ignoreLayers: 'list', ignoreLayersType: 'list' } as const

/** The instrumentations that replace upstream's, or that cover what upstream does not. */
export const OWN_INSTRUMENTATIONS: readonly OwnInstrumentation[] = [
  { name: 'connect', from: framework('connect'), className: 'ConnectInstrumentation', options: {} },
  {
    name: 'connectrpc',
    from: join(SOURCES, 'rpc/connectrpc.ts'),
    className: 'ConnectRpcInstrumentation',
    options: {},
  },
  { name: 'elysia', from: framework('elysia'), className: 'ElysiaInstrumentation', options: {} },
  {
    name: 'express',
    from: framework('express'),
    className: 'ExpressInstrumentation',
    options: { ...LAYERS, requestHook: 'gone', spanNameHook: 'gone' },
  },
  {
    name: 'fastify',
    from: framework('fastify'),
    className: 'FastifyInstrumentation',
    options: {
      recordExceptions: 'boolean',
      instrumentHandler: 'boolean',
      instrumentHooks: 'list',
      ignorePaths: 'gone',
      lifecycleHook: 'gone',
      registerOnInitialization: 'gone',
      requestHook: 'gone',
    },
  },
  {
    name: 'graphql',
    from: join(SOURCES, 'graphql/graphql.ts'),
    className: 'GraphQLInstrumentation',
    options: {
      allowValues: 'boolean',
      depth: 'number',
      flatResolveSpans: 'boolean',
      ignoreResolveSpans: 'boolean',
      ignoreTrivialResolveSpans: 'boolean',
      mergeItems: 'boolean',
      responseHook: 'gone',
    },
  },
  {
    name: 'grpc',
    from: join(SOURCES, 'rpc/grpc.ts'),
    className: 'GrpcInstrumentation',
    options: {
      ignoreGrpcMethods: 'list',
      'metadataToSpanAttributes.client.requestMetadata': 'list',
      'metadataToSpanAttributes.client.responseMetadata': 'list',
      'metadataToSpanAttributes.server.requestMetadata': 'list',
      'metadataToSpanAttributes.server.responseMetadata': 'list',
    },
  },
  { name: 'h3', from: framework('h3'), className: 'H3Instrumentation', options: {} },
  { name: 'hapi', from: framework('hapi'), className: 'HapiInstrumentation', options: {} },
  { name: 'hono', from: framework('hono'), className: 'HonoInstrumentation', options: {} },
  {
    name: 'koa',
    from: framework('koa'),
    className: 'KoaInstrumentation',
    options: { ignoreLayersType: 'gone', requestHook: 'gone' },
  },
  { name: 'nestjs-core', from: framework('nest'), className: 'NestInstrumentation', options: {} },
  { name: 'polka', from: framework('polka'), className: 'PolkaInstrumentation', options: {} },
  {
    name: 'http',
    from: join(SOURCES, 'http/http.ts'),
    className: 'HttpInstrumentation',
    options: {
      bodySizes: 'boolean',
      disableIncomingRequestInstrumentation: 'boolean',
      disableOutgoingRequestInstrumentation: 'boolean',
      enableSyntheticSourceDetection: 'boolean',
      'headersToSpanAttributes.client.requestHeaders': 'list',
      'headersToSpanAttributes.client.responseHeaders': 'list',
      'headersToSpanAttributes.server.requestHeaders': 'list',
      'headersToSpanAttributes.server.responseHeaders': 'list',
      redactedQueryParams: 'gone',
      redactedQueryParamsServer: 'list',
      requireParentforIncomingSpans: 'boolean',
      requireParentforOutgoingSpans: 'boolean',
    },
  },
  {
    name: 'undici',
    from: join(SOURCES, 'http/fetch.ts'),
    className: 'FetchInstrumentation',
    options: {
      'headersToSpanAttributes.requestHeaders': 'list',
      'headersToSpanAttributes.responseHeaders': 'list',
      ignoreRequestHook: 'gone',
      requestHook: 'gone',
      requireParentforSpans: 'boolean',
      responseHook: 'gone',
      startSpanHook: 'gone',
    },
  },
  {
    name: 'restify',
    from: framework('restify'),
    className: 'RestifyInstrumentation',
    options: { requestHook: 'gone' },
  },
  { name: 'react-router', from: framework('react-router'), className: 'ReactRouterInstrumentation', options: {} },
  { name: 'router', from: framework('router'), className: 'RouterInstrumentation', options: LAYERS },
  { name: 'trpc', from: framework('trpc'), className: 'TrpcInstrumentation', options: {} },
]

function framework(file: string): string {
  return join(SOURCES, 'frameworks', `${file}.ts`)
}
