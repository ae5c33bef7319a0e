import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../src/instrumentation/operations/client.ts'

/** The folder of the client descriptors. */
export const CLIENTS_FOLDER: string = join(import.meta.dirname, '../src/instrumentation/clients')

const entries: [string, Client][] = await Promise.all(
  readdirSync(CLIENTS_FOLDER).map(async (file): Promise<[string, Client]> => {
    const { client } = (await import(join(CLIENTS_FOLDER, file))) as { client?: Client }
    if (client === undefined) throw new Error(`${file} exports no client`)
    return [file.replace(/\.ts$/, ''), client]
  }),
)

/** The descriptors of `src/instrumentation/clients/`, by client name. */
export const CLIENTS: ReadonlyMap<string, Client> = new Map(entries)
