import { ours, type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-pino/dist/instrumentation.mjs'

export const INSTRUMENTATION_PINO: readonly Patch[] = [
  {
    name: 'instrumentation-pino: name and length',
    reason: 'The function that stands in for `pino` has neither its name nor its length.',
    upstream: 'No issue yet. Report: define name and length of the patched function as those of the original.',
    test: 'test/transparency/scenarios/pino.mjs',
    changes: [
      replaced(
        FILE,
        'const patchedPino = Object.assign((...args) => {',
        'const patchedPino = resemble((...args) => {',
        `import { resemble } from ${ours('src/instrumentation/resemble.ts')};\n`,
      ),
    ],
  },
]
