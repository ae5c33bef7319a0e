import type { JSX } from 'preact'
import { plural } from '../model/format.ts'
import { nameOf } from '../model/spans-and-logs.ts'
import type { Trace } from '../model/traces.ts'

/** Shows the name of a trace whose root has not arrived: a note, and the first span that has. */
export function MissingRoot({ trace: { root } }: { readonly trace: Trace }): JSX.Element {
  return (
    <>
      <em>root missing</em>, first seen: {nameOf(root)}
    </>
  )
}

/** Shows how many spans of a trace have not arrived; nothing if all have. */
export function MissingBadge({ trace: { isRootMissing, missing } }: { readonly trace: Trace }): JSX.Element | null {
  const others = missing - (isRootMissing ? 1 : 0)
  if (missing === 0) return null
  const texts = [
    ...(isRootMissing ? ['root missing'] : []),
    ...(others > 0 ? [`${plural(others, 'span')} missing`] : []),
  ]
  return (
    <span class="badge warning" title="Still running, or lost on the way: see Telemetry">
      {texts.join(', ')}
    </span>
  )
}
