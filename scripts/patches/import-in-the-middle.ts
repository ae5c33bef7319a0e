import { type Change, type Patch, replaced } from './text-patch.ts'

/** Under --frozen-intrinsics the assignment throws, as the code is strict, and the import fails. */
const limitSetWhereAllowed = (file: string): Change[] =>
  ['0', 'stackTraceLimit'].map((value) =>
    replaced(file, `Error.stackTraceLimit = ${value}\n`, `Reflect.set(Error, 'stackTraceLimit', ${value})\n`),
  )

export const IMPORT_IN_THE_MIDDLE: readonly Patch[] = [
  {
    name: 'import-in-the-middle: registry',
    reason: 'Its wrappers import its registry by URL, which has to be the chunk that shares the state of the bundle.',
    upstream:
      'No issue yet. Report: `createHook(meta)` takes the URL of lib/register.js from import.meta, which a bundler cannot follow; an option would do.',
    test: 'test/e2e/loading.test.ts',
    changes: [
      replaced(
        'import-in-the-middle/create-hook.mjs',
        "new URL('lib/register.js', meta.url)",
        "new URL('iitm-register.cjs', meta.url)",
      ),
    ],
  },
  {
    name: 'import-in-the-middle: stackTraceLimit',
    reason: 'It assigns to Error.stackTraceLimit, which --frozen-intrinsics forbids.',
    upstream:
      'No issue yet. Report: the assignments to `Error.stackTraceLimit` throw under --frozen-intrinsics, since the modules are strict: `Reflect.set` would do.',
    test: 'test/e2e/node-flags.test.ts',
    changes: [
      ...limitSetWhereAllowed('import-in-the-middle/create-hook.mjs'),
      ...limitSetWhereAllowed('import-in-the-middle/index.js'),
    ],
  },
  {
    name: 'import-in-the-middle: worker_threads',
    reason: 'Only its hooks thread needs a channel, and loading `worker_threads` adds two milliseconds to a start.',
    upstream: 'No issue yet. Report: index.js could require `worker_threads` in createAddHookMessageChannel().',
    test: 'test/e2e/start-size.test.ts',
    changes: [
      replaced(
        'import-in-the-middle/index.js',
        "const { MessageChannel } = require('worker_threads')",
        "const MessageChannel = function () { return new (require('worker_threads').MessageChannel)() }",
      ),
    ],
  },
]
