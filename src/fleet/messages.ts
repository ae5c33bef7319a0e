import type { InspectedProcess } from '../base/inspection.ts'
import { isProcessId, isSlot } from './process-id.ts'

/** A member's first word to the leader. */
export interface Hello {
  /** Text of the fleet's identity: two fleets may come to one folder. */
  readonly identity: string
  /** The process's, as in the name of its file. */
  readonly id: string
  /** The slot that it had under a former leader. */
  readonly slot: number | undefined
}

/** The leader's answer. */
export interface Welcome {
  readonly slot: number
  /** Where the fleet is scraped: `http://localhost:9464`. */
  readonly address: string
}

export function toBody(message: Hello | Welcome | InspectedProcess): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** Throws on what no member sends. */
export function toHello(body: Buffer): Hello {
  const { identity, id, slot } = JSON.parse(body.toString()) as Record<string, unknown>
  if (typeof identity !== 'string' || !isProcessId(id)) throw new Error('not a hello')
  return { identity, id, slot: isSlot(slot) ? slot : undefined }
}

/** Throws on what no leader sends. */
export function toWelcome(body: Buffer): Welcome {
  const { slot, address } = JSON.parse(body.toString()) as Record<string, unknown>
  if (!isSlot(slot) || typeof address !== 'string') throw new Error('not a welcome')
  return { slot, address }
}
