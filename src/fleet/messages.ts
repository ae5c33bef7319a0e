/** A member's first word to the holder. */
export interface Hello {
  /** Text of the fleet's identity: two fleets may come to one folder. */
  readonly identity: string
  /** The process's, as in the name of its file. */
  readonly id: string
  /** The slot that it had under a former holder. */
  readonly slot: number | undefined
}

/** The holder's answer. */
export interface Welcome {
  readonly slot: number
  /** Where the fleet is scraped: `http://localhost:9464`. */
  readonly address: string
}

export function toBody(message: Hello | Welcome): Buffer {
  return Buffer.from(JSON.stringify(message))
}

export function toHello(body: Buffer): Hello {
  const { identity, id, slot } = JSON.parse(body.toString()) as Record<string, unknown>
  // The id becomes part of a file's name.
  if (typeof identity !== 'string' || typeof id !== 'string' || !/^\d+-\d+$/.test(id)) throw new Error('not a hello')
  return { identity, id, slot: Number.isSafeInteger(slot) ? (slot as number) : undefined }
}

export function toWelcome(body: Buffer): Welcome {
  return JSON.parse(body.toString()) as Welcome
}
