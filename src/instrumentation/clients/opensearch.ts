import type { Client } from '../operations/client.ts'
import { patchCallbackTransport } from '../operations/search-requests.ts'

export const client: Client = {
  hooks: [
    {
      packageName: '@opensearch-project/opensearch',
      versions: ['>=1.0.0 <4'],
      files: ['@opensearch-project/opensearch/lib/Transport.js'],
      patch: patchCallbackTransport('opensearch'),
    },
  ],
  operations: { requiresParentSpan: false },
}
