import type { Client } from '../operations/client.ts'
import { patchCallbackTransport, patchTransport } from '../operations/search-requests.ts'

export const client: Client = {
  hooks: [
    {
      packageName: '@elastic/elasticsearch',
      versions: ['>=7.0.0 <8'],
      files: ['@elastic/elasticsearch/lib/Transport.js'],
      patch: patchCallbackTransport('elasticsearch'),
    },
    {
      packageName: '@elastic/transport',
      versions: ['>=8.0.0 <10'],
      files: ['@elastic/transport/lib/Transport.js', '@elastic/transport/esm/Transport.js'],
      patch: patchTransport,
    },
  ],
  operations: { requiresParentSpan: false },
}
