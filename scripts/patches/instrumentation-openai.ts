import { type Patch, replaced } from './text-patch.ts'

export const INSTRUMENTATION_OPENAI: readonly Patch[] = [
  {
    name: 'instrumentation-openai: provider',
    reason:
      'Spans, metrics and events of chats and embeddings have `gen_ai.system`, which the semantic conventions replaced by `gen_ai.provider.name` in 1.37; those of responses have the new name.',
    upstream: 'No issue yet. Report: use ATTR_GEN_AI_PROVIDER_NAME wherever ATTR_GEN_AI_SYSTEM is used.',
    test: 'test/e2e/client-matrix.test.ts',
    changes: [
      replaced(
        'instrumentation-openai/dist/semconv.mjs',
        'const ATTR_GEN_AI_SYSTEM = "gen_ai.system"',
        'const ATTR_GEN_AI_SYSTEM = "gen_ai.provider.name"',
      ),
    ],
  },
]
