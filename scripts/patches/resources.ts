import { ours, type Patch, replaced } from './text-patch.ts'

export const RESOURCES: readonly Patch[] = [
  {
    name: 'resources: names of attributes',
    reason: 'A resource attribute named `__proto__` is lost.',
    upstream:
      'No issue yet. Report: `attrs[k] = v` sets the prototype of the attributes where the name is `__proto__`.',
    test: 'test/e2e/attribute-names.test.ts',
    changes: [
      replaced(
        '@opentelemetry/resources/dist/ResourceImpl.mjs',
        'else attrs[k] = v;',
        'else setOwn(attrs, k, v);',
        `import { setOwn } from ${ours('src/sdk/own-attribute.ts')}\n`,
      ),
    ],
  },
]
