import type { Client } from '../operations/client.ts'

export const client: Client = {
  operations: {},
}
