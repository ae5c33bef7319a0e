import { type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-dns/dist/instrumentation.mjs'

export const INSTRUMENTATION_DNS: readonly Patch[] = [
  {
    name: 'instrumentation-dns: rejections',
    reason:
      'It handles the rejection of the promise that it gives back, so that one that the app forgot ends no process.',
    upstream:
      'No issue yet. Report: with the instrumentation enabled `dns.promises.lookup("does.not.exist")` without a handler ends with code 0 and says nothing.',
    test: 'test/transparency/programs/dns-unhandled.mjs',
    changes: [
      replaced(FILE, 'promise.then((result) => {', 'return promise.then((result) => {'),
      replaced(
        FILE,
        'setLookupAttributes(span, result);\n\t\t\t\t\tspan.end();',
        'setLookupAttributes(span, result);\n\t\t\t\t\tspan.end();\n\t\t\t\t\treturn result;',
      ),
      replaced(
        FILE,
        '(e) => {\n\t\t\t\t\tsetError(e, span);\n\t\t\t\t\tspan.end();\n\t\t\t\t});\n\t\t\t\treturn promise;',
        '(e) => {\n\t\t\t\t\tsetError(e, span);\n\t\t\t\t\tspan.end();\n\t\t\t\t\tthrow e;\n\t\t\t\t});',
      ),
    ],
  },
]
