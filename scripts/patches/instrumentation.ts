import { type Patch, replaced, standsIn } from './text-patch.ts'

export const INSTRUMENTATION: readonly Patch[] = [
  {
    name: 'instrumentation: wrappers',
    reason:
      "A function that is wrapped loses its name, length and own properties, and gets three properties that are not the app's.",
    upstream:
      'No issue yet. Report: copy the property descriptors of the original to the wrapper, keep the bookkeeping in a WeakMap.',
    test: 'test/transparency/scenarios/tedious.mjs',
    changes: [
      standsIn('@opentelemetry/instrumentation/dist/shimmer.mjs', 'src/instrumentation/wrap.ts'),
      replaced(
        '@opentelemetry/instrumentation/dist/utils.mjs',
        'return typeof func === "function" && typeof func.__original === "function" && typeof func.__unwrap === "function" && func.__wrapped === true;',
        'return isFunctionWrapped(func);',
        `import { isWrapped as isFunctionWrapped } from "./shimmer.mjs"\n`,
      ),
    ],
  },
]
