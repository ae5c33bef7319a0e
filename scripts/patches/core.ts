import { ours, type Patch, replaced } from './text-patch.ts'

const ATTRIBUTES = '@opentelemetry/core/dist/common/attributes.mjs'

export const CORE: readonly Patch[] = [
  {
    name: 'core: cost of attributes',
    reason: 'Validating attributes makes a WeakSet for each value and an array for each entry.',
    upstream:
      'No issue yet. Report: `isAnyValue()` creates a WeakSet to detect cycles also for primitives, which cannot have any; 0.1 µs an attribute.',
    test: 'test/e2e/work-per-span.test.ts',
    changes: [
      replaced(
        ATTRIBUTES,
        'return isAnyValueInternal(val, /* @__PURE__ */ new WeakSet());',
        'return typeof val !== "object" || val === null ? isAnyValueInternal(val) : isAnyValueInternal(val, new WeakSet());',
      ),
      replaced(
        ATTRIBUTES,
        'for (const [key, val] of Object.entries(inAttributes)) {',
        'for (const key of Object.keys(inAttributes)) { const val = inAttributes[key];',
      ),
    ],
  },
  {
    name: 'core: names of attributes',
    reason: 'An attribute named `__proto__` is lost, and a map with a member `constructor` is refused.',
    upstream:
      'No issue yet. Report: `attributes[key] = value` sets the prototype where the key is `__proto__`; `obj.constructor !== Object` reads a member of the map.',
    test: 'test/e2e/attribute-names.test.ts',
    changes: [
      replaced(
        ATTRIBUTES,
        'opts.attributes[opts.key] = copyAndTruncAnyValue(opts.value, attributeValueLengthLimit);',
        'setOwn(opts.attributes, opts.key, copyAndTruncAnyValue(opts.value, attributeValueLengthLimit));',
        `import { setOwn } from ${ours('src/sdk/own-attribute.ts')}\n`,
      ),
      replaced(
        ATTRIBUTES,
        'attributes[key] = copyAndTruncAnyValue(val, attributeValueLengthLimit);',
        'setOwn(attributes, key, copyAndTruncAnyValue(val, attributeValueLengthLimit));',
      ),
      replaced(
        ATTRIBUTES,
        'truncObj[k] = copyAndTruncAnyValue(obj[k], limit);',
        'setOwn(truncObj, k, copyAndTruncAnyValue(obj[k], limit));',
      ),
      replaced(
        ATTRIBUTES,
        'if (obj.constructor !== Object && obj.constructor !== void 0) return false;',
        `const { constructor } = Object.hasOwn(obj, "constructor") ? Object.getPrototypeOf(obj) ?? {} : obj;
	if (constructor !== Object && constructor !== void 0) return false;`,
      ),
    ],
  },
]
