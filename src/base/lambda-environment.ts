import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Texts } from '../settings/values.ts'

/** The handler of an AWS Lambda function: `app/index.handler` is `handler` in `app/index.js`, `.mjs` or `.cjs`. */
export interface LambdaHandler {
  /** The absolute path. */
  readonly file: string
  /** The property names from the module's exports to the function. */
  readonly names: readonly string[]
}

/** In the order in which Lambda's runtime tries them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs']

/**
 * Finds the handler as Lambda's runtime does (docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html). Returns
 * undefined when this is not a function.
 */
export function lambdaHandler(env: Texts): LambdaHandler | undefined {
  const { LAMBDA_TASK_ROOT: root, _HANDLER: text } = env
  const [, path = '', names = ''] = /^((?:.*\/)?[^./][^.]*)\.(.+)$/.exec(text ?? '') ?? []
  if (root === undefined || path === '') return undefined
  const file = EXTENSIONS.map((extension) => join(root, path) + extension).find(isFile)
  return file === undefined ? undefined : { file, names: names.split('.') }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/**
 * Returns the environment with defaults for a Lambda function: metrics are pushed, since nothing can scrape it; the
 * service has the function's name; and requests to Lambda's runtime are ignored. Returns undefined when this is not a
 * function.
 */
export function lambdaEnvironment(env: Texts): Texts | undefined {
  const name = env['AWS_LAMBDA_FUNCTION_NAME']
  if (name === undefined || env['LAMBDA_TASK_ROOT'] === undefined) return undefined
  const attributes = {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_lambda',
    'cloud.region': env['AWS_REGION'],
    'faas.name': name,
    'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
    'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
  }
  const known = Object.entries(attributes).filter(([, value]) => value !== undefined)
  const own = known.map(([key, value]) => `${key}=${encodeURIComponent(value ?? '')}`)
  const given = env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''
  const isNamed = env['OTEL_SERVICE_NAME'] !== undefined || /(?:^|,)\s*service\.name\s*=/.test(given)
  return {
    OTEL_METRICS_EXPORTER: 'otlp',
    ...env,
    ...(isNamed ? {} : { OTEL_SERVICE_NAME: name }),
    OTEL_RESOURCE_ATTRIBUTES: [...own, ...(given === '' ? [] : [given])].join(','),
    OBS_IGNORE_HOSTS: joined(env['OBS_IGNORE_HOSTS'], env['AWS_LAMBDA_RUNTIME_API']),
  }
}

function joined(...lists: readonly (string | undefined)[]): string {
  return lists.filter((list) => list !== undefined && list !== '').join(',')
}
