import type { InspectedProcess } from '../base/inspection.ts'
import { isProcessId, isSlot } from './process-id.ts'

/** The first message of a member to the leader. */
export interface Hello {
  /** The text of the fleet's identity: two fleets may share a folder. */
  readonly identity: string
  /** The id of the process, as in the name of its file. */
  readonly id: string
  /** The slot of the process under a former leader. */
  readonly slot: number | undefined
}

/** The leader's response to `Hello`. */
export interface Welcome {
  readonly slot: number
  /** Where the fleet is scraped, for example `http://localhost:9464`. */
  readonly address: string
}

export function toBody(message: Hello | Welcome | InspectedProcess): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** Decodes a hello. Throws when it is malformed. */
export function toHello(body: Buffer): Hello {
  const { identity, id, slot } = JSON.parse(body.toString()) as Record<string, unknown>
  if (typeof identity !== 'string' || !isProcessId(id)) throw new Error('not a hello')
  return { identity, id, slot: isSlot(slot) ? slot : undefined }
}

/** Decodes a welcome. Throws when it is malformed. */
export function toWelcome(body: Buffer): Welcome {
  const { slot, address } = JSON.parse(body.toString()) as Record<string, unknown>
  if (!isSlot(slot) || typeof address !== 'string') throw new Error('not a welcome')
  return { slot, address }
}
