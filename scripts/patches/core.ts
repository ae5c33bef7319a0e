import { type PatchSet, replaced } from './patch.ts'

export const CORE: PatchSet = {
  reason: 'Validating an attribute makes a WeakSet for each value and an array for each entry.',
  upstream:
    'No issue yet. Report: `isAnyValue()` creates a WeakSet to detect cycles also for primitives, which cannot have any; 0.1 µs an attribute.',
  test: 'test/unit/export/span-encoder.test.ts',
  patches: [
    replaced(
      '@opentelemetry/core/dist/common/attributes.mjs',
      'return isAnyValueInternal(val, /* @__PURE__ */ new WeakSet());',
      'return typeof val !== "object" || val === null ? isAnyValueInternal(val) : isAnyValueInternal(val, new WeakSet());',
    ),
    replaced(
      '@opentelemetry/core/dist/common/attributes.mjs',
      'for (const [key, val] of Object.entries(inAttributes)) {',
      'for (const key of Object.keys(inAttributes)) { const val = inAttributes[key];',
    ),
  ],
}
