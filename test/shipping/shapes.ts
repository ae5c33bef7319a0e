import { appendFileSync } from 'node:fs'

/** Names the file into which the shapes that hold are written; `scripts/shipping.ts` sets it. */
const NOTES = process.env['OBS_SHIPPING_NOTES']

/** `OBS_TEST_SHIPPING=all` tries every shape; without it, one of each kind. */
export const ALL: boolean = process.env['OBS_TEST_SHIPPING'] === 'all'

/** One row of docs/shipping.md. */
export interface Shape {
  /** What it is one of; a heading of the document. */
  readonly kind: string
  readonly name: string
  readonly outcome: string
}

/** The app answers as bare Node and everything it did arrived. */
export const COMPLETE = 'as bare, complete'

/** To be called at the end of a shape's test: what was asserted before it held. */
export function holds(kind: string, name: string, outcome: string = COMPLETE): void {
  if (NOTES !== undefined) appendFileSync(NOTES, `${JSON.stringify({ kind, name, outcome } satisfies Shape)}\n`)
}
