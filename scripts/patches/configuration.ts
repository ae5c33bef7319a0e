import type { Patch } from './text-patch.ts'

const VALIDATOR = 'configuration/dist/generated/validator.mjs'
/** Descriptions of the schema's properties. A property of that name is an object. */
const DESCRIPTIONS = /"description": "(?:[^"\\]|\\.)*",?/g

export const CONFIGURATION: readonly Patch[] = [
  {
    name: 'configuration: descriptions',
    reason:
      'The validator of the configuration file contains the whole schema with its documentation, a quarter of its size.',
    upstream: 'No issue yet. Report: generated/validator.mjs could be generated from a schema without `description`.',
    test: 'test/package/chunk-modules.test.ts',
    changes: [
      {
        file: VALIDATOR,
        change(code) {
          if (code.match(DESCRIPTIONS) === null) throw new Error(`${VALIDATOR} no longer has descriptions`)
          return code.replaceAll(DESCRIPTIONS, '')
        },
      },
    ],
  },
]
