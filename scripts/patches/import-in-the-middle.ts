import { type PatchSet, replaced } from './text-patch.ts'

/** Under --frozen-intrinsics the assignment throws, as the code is strict, and the import fails. */
const limitSetWhereAllowed = (file: string): PatchSet['patches'] =>
  ['0', 'stackTraceLimit'].map((value) =>
    replaced(file, `Error.stackTraceLimit = ${value}\n`, `Reflect.set(Error, 'stackTraceLimit', ${value})\n`),
  )

export const IMPORT_IN_THE_MIDDLE: PatchSet = {
  reason:
    'Its wrappers import its registry by URL, which has to be the chunk that shares the state of the bundle. It sets Error.stackTraceLimit, which --frozen-intrinsics forbids.',
  upstream:
    'No issue yet. Report: `createHook(meta)` takes the URL of lib/register.js from import.meta, which a bundler cannot follow; an option would do. Likewise for the assignments to `Error.stackTraceLimit` in the modules, which are strict: `Reflect.set` would do.',
  test: 'test/e2e/loading.test.ts, test/e2e/start-size.test.ts, test/e2e/node-flags.test.ts',
  patches: [
    ...limitSetWhereAllowed('import-in-the-middle/create-hook.mjs'),
    ...limitSetWhereAllowed('import-in-the-middle/index.js'),
    replaced(
      'import-in-the-middle/create-hook.mjs',
      "new URL('lib/register.js', meta.url)",
      "new URL('iitm-register.cjs', meta.url)",
    ),
    // Only its hooks thread needs the channel, and loading `worker_threads` adds two milliseconds to a start.
    replaced(
      'import-in-the-middle/index.js',
      "const { MessageChannel } = require('worker_threads')",
      "const MessageChannel = function () { return new (require('worker_threads').MessageChannel)() }",
    ),
  ],
}
