import { type PatchSet, replaced, standsIn } from './text-patch.ts'

export const INSTRUMENTATION: PatchSet = {
  reason:
    "A function that is wrapped loses its name, length and own properties, and gets three properties that are not the app's.",
  upstream:
    'No issue yet. Report: copy the property descriptors of the original to the wrapper, keep the bookkeeping in a WeakMap.',
  test: 'test/unit/instrumentation/wrap.test.ts',
  patches: [
    standsIn('@opentelemetry/instrumentation/dist/shimmer.mjs', 'src/instrumentation/wrap.ts'),
    replaced(
      '@opentelemetry/instrumentation/dist/utils.mjs',
      'return typeof func === "function" && typeof func.__original === "function" && typeof func.__unwrap === "function" && func.__wrapped === true;',
      'return isFunctionWrapped(func);',
      `import { isWrapped as isFunctionWrapped } from "./shimmer.mjs"\n`,
    ),
  ],
}
