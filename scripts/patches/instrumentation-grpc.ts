import { type Patch, replaced } from './text-patch.ts'

export const INSTRUMENTATION_GRPC: readonly Patch[] = [
  {
    name: 'instrumentation-grpc: metadata',
    reason: 'It writes trace context into the metadata that the app passes to a call, and may use for the next one.',
    upstream: 'No issue yet. Report: clone the metadata of a call before injecting into it.',
    test: 'test/transparency/scenarios/grpc.mjs',
    changes: [
      replaced(
        'instrumentation-grpc/dist/clientUtils.mjs',
        'else metadata = args[metadataIndex];',
        'else metadata = args[metadataIndex] = args[metadataIndex].clone();',
      ),
    ],
  },
]
