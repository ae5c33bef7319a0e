import { type PatchSet, replaced } from './patch.ts'

const FILE = 'instrumentation-amqplib/dist/amqplib.mjs'

export const INSTRUMENTATION_AMQPLIB: PatchSet = {
  reason: 'It puts its spans into the messages that the app gets, which are then no longer equal to others.',
  upstream: 'No issue yet. Report: keep the span of a message in a WeakMap.',
  test: 'test/transparency/transparency.test.ts',
  patches: [
    replaced(
      FILE,
      'msg[MESSAGE_STORED_SPAN] = span;',
      'storedSpans.set(msg, span);',
      'const storedSpans = new WeakMap();\n',
    ),
    replaced(FILE, 'const storedSpan = message[MESSAGE_STORED_SPAN];', 'const storedSpan = storedSpans.get(message);'),
    replaced(FILE, 'message[MESSAGE_STORED_SPAN] = void 0;', 'storedSpans.delete(message);'),
  ],
}
