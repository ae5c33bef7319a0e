import { ours, type PatchSet, replaced } from './patch.ts'

export const INSTRUMENTATION_HTTP: PatchSet = {
  reason:
    'An aborted response needs the response itself; parsing each URL costs more than all else that is read of a request.',
  upstream: 'https://github.com/open-telemetry/opentelemetry-js: no issue yet; the instrumentation is being replaced.',
  test: 'test/e2e/http-server-metrics.test.ts',
  patches: [
    // With the response, which tells what had been sent.
    ...['err', 'error'].map((name) =>
      replaced(
        'instrumentation-http/dist/http.mjs',
        `instrumentation._onServerResponseError(span, metricAttributes, startTime, ${name});`,
        `instrumentation._onServerResponseError(span, metricAttributes, startTime, ${name}, response);`,
      ),
    ),
    // The whole list for each request, where none is the same.
    replaced(
      'instrumentation-http/dist/http.mjs',
      'instrumentation.getConfig().redactedQueryParamsServer ?? Array.from(DEFAULT_QUERY_STRINGS_TO_REDACT)',
      'instrumentation.getConfig().redactedQueryParamsServer',
    ),
    // Most paths are as they are.
    replaced(
      'instrumentation-http/dist/utils.mjs',
      'const parsedUrl = getInfoFromIncomingMessage',
      'const parsedUrl = plainTarget(request.url) ?? getInfoFromIncomingMessage',
      `import { plainTarget } from ${ours('src/instrumentation/http/plain-target.ts')}\n`,
    ),
    // A `require` in an ES module stays outside of the bundle; an import brings it in.
    replaced(
      'instrumentation-http/dist/utils.mjs',
      '__require("forwarded-parse")',
      'forwardedParseModule',
      'import forwardedParseModule from "forwarded-parse"\n',
    ),
  ],
}
