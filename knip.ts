import { relative } from 'node:path'
import type { KnipConfig } from 'knip'
import { OWN_INSTRUMENTATIONS } from './scripts/own-instrumentations.ts'
import { CHUNKS, SCRIPTS } from './src/base/chunks.ts'

const config: KnipConfig = {
  include: ['files', 'dependencies', 'unlisted', 'unresolved'],
  entry: [
    ...Object.values({ ...CHUNKS, ...SCRIPTS }).filter((file) => file.startsWith('src/')),
    'src/index.ts',
    'src/loader/loader.ts',
    'src/bundler/{bundler,webpack-loader}.ts',
    'src/export/{otlp-exemplars,pipeline,worker}.ts',
    // What the build puts in a dependency's place, imports wherever a global is used, or makes an instrumentation of.
    'src/base/{clock,primordials}.ts',
    'src/hooks/require-hook.ts',
    'src/providers/node-fetch.ts',
    'src/sdk/{context,exponential-aggregator,global-registry,tracer-metrics}.ts',
    'src/instrumentation/{caches,lambda,messaging,models}/*.ts',
    'src/instrumentation/http/{fetch,route}.ts',
    'src/instrumentation/runtime/event-loop.ts',
    ...OWN_INSTRUMENTATIONS.map(({ from }) => relative(import.meta.dirname, from)),
    'src/instrumentation/operations/client-instrumentation.ts',
    'src/instrumentation/clients/*.ts',
    'src/settings/markdown.ts',
    'src/page/main.tsx',
    'scripts/*.ts',
    'bench/*.ts',
    'examples/**/*.{mjs,ts}',
    'test/**/*.ts',
    'test/apps/*.{cjs,mjs,ts}',
    'test/package/*.mjs',
  ],
  project: ['src/**/*.{ts,tsx}', 'scripts/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts', 'examples/**/*.{mjs,ts}'],
  ignore: ['test/{clients,matrix,neighbours,transparency}/**'],
  ignoreDependencies: [
    '@arethetypeswrong/cli',
    'publint',
    'tsx',
    'autocannon',
    'piscina',
    'tinypool',
    '@opentelemetry/winston-transport',
    '@opentelemetry/exporter-trace-otlp-grpc',
    '@opentelemetry/api-logs',
    '@opentelemetry/instrumentation-aws-lambda',
    '@opentelemetry/instrumentation-grpc',
    '@opentelemetry/instrumentation-http',
    '@opentelemetry/instrumentation-kafkajs',
    '@opentelemetry/instrumentation-nestjs-core',
    '@opentelemetry/instrumentation-aws-sdk',
    '@opentelemetry/instrumentation-openai',
    '@opentelemetry/instrumentation-socket.io',
    '@opentelemetry/sdk-node',
  ],
}

export default config
