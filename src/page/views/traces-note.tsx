import type { JSX } from 'preact'
import type { Store } from '../model/store.ts'
import { whyTracesAreMissing } from '../model/verdict.ts'

/** Explains why a list of spans is empty or incomplete; nothing if all spans are exported. */
export function TracesNote({ store: { hello } }: { readonly store: Store }): JSX.Element | null {
  const why = hello === undefined ? undefined : whyTracesAreMissing(hello)
  return why === undefined ? null : <p class="note">{why}</p>
}
