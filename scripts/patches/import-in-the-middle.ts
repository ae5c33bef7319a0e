import { type PatchSet, replaced } from './patch.ts'

export const IMPORT_IN_THE_MIDDLE: PatchSet = {
  reason: 'Its wrappers import its registry by URL, which has to be the chunk that shares the state of the bundle.',
  upstream:
    'No issue yet. Report: `createHook(meta)` takes the URL of lib/register.js from import.meta, which a bundler cannot follow; an option would do.',
  test: 'test/e2e/loading.test.ts, test/e2e/start-size.test.ts',
  patches: [
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
