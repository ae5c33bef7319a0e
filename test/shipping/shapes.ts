import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../support/paths.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'

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

/** Returns the path of another Node.js, which `npm ci --prefix test/matrix` installs. */
export function further(name: string): string {
  return join(ROOT, 'test/matrix/node_modules', name, 'bin/node')
}

/** Returns each span once: an export that is repeated at the end of the process may deliver it twice. */
export function distinct(spans: readonly ReceivedSpan[]): readonly ReceivedSpan[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()]
}

/** To be called at the end of a shape's test: what was asserted before it held. */
export function holds(kind: string, name: string, outcome: string = COMPLETE): void {
  if (NOTES !== undefined) appendFileSync(NOTES, `${JSON.stringify({ kind, name, outcome } satisfies Shape)}\n`)
}
