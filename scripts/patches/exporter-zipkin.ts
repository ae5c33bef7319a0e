import { ours, type Patch, replaced } from './text-patch.ts'

const TRANSFORM = 'exporter-zipkin/dist/transform.mjs'

export const EXPORTER_ZIPKIN: readonly Patch[] = [
  {
    name: 'exporter-zipkin: tags',
    reason:
      'An attribute named `__proto__` is lost on its way to Zipkin, and a map with a member `toString` fails the whole batch.',
    upstream:
      'No issue yet. Report: `tags[key] = …` sets the prototype of the tags where the key is `__proto__`; `String(attributes[key])` throws where a map has a member `toString`, and is "[object Object]" elsewhere.',
    test: 'test/e2e/attribute-names.test.ts',
    changes: [
      replaced(
        TRANSFORM,
        'tags[key] = String(attributes[key]);',
        'setOwn(tags, key, tagText(attributes[key]));',
        `import { setOwn } from ${ours('src/sdk/own-attribute.ts')}\nimport { tagText } from ${ours('src/export/tag-text.ts')}\n`,
      ),
      replaced(
        TRANSFORM,
        'tags[name] = String(resource.attributes[name])',
        'setOwn(tags, name, tagText(resource.attributes[name]))',
      ),
    ],
  },
]
