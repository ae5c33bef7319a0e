import { type Patch, replaced } from './text-patch.ts'

const SQS = 'instrumentation-aws-sdk/dist/services/sqs.mjs'

export const INSTRUMENTATION_AWS_SDK: readonly Patch[] = [
  {
    name: 'instrumentation-aws-sdk: frozen messages',
    reason:
      'It writes into the attributes and the messages of a batch that the app handed over; where they are frozen, the process ends with an unhandled rejection.',
    upstream:
      'No issue yet. Report: copy the input of a command, and what is in it, before writing trace context into it.',
    test: 'test/transparency/scenarios/aws-sqs.mjs',
    changes: [
      replaced(
        'instrumentation-aws-sdk/dist/services/MessageAttributes.mjs',
        'const attributes = attributesMap ?? {};',
        'const attributes = { ...attributesMap };',
      ),
      replaced(
        SQS,
        'if (Array.isArray(entries)) entries.forEach((messageParams) => {',
        'if (Array.isArray(entries)) request.commandInput.Entries = entries.map((entry) => { const messageParams = { ...entry };',
      ),
      replaced(
        SQS,
        'injectPropagationContext(messageParams.MessageAttributes ?? {});',
        'injectPropagationContext(messageParams.MessageAttributes ?? {}); return messageParams;',
      ),
    ],
  },
]
