import type { JSX } from 'preact'
import { plural } from '../model/format.ts'
import { nameOf } from '../model/telemetry.ts'
import type { Trace } from '../model/traces.ts'

/** The name of a trace whose root has not come: that, and the first span that has. */
export function MissingRoot({ trace: { root } }: { readonly trace: Trace }): JSX.Element {
  return (
    <>
      <em>root missing</em>, first seen: {nameOf(root)}
    </>
  )
}

/** Says that spans of a trace have not come; nothing where all are there. */
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
