import { keyWith } from './attribute-keys.ts'
import { gaugeRule } from './gauge-rules.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

/** What tells the members of a group apart: `process="2"`. */
export interface MemberLabel {
  readonly name: 'process' | 'thread'
  readonly value: string
}

/** With the label on what is kept apart: gauges without a rule, or everything when each member is to be seen alone. */
export function* labelled(snapshot: Snapshot, label: MemberLabel, everything: boolean): Generator<SnapshotMetric> {
  for (const metric of snapshot) yield everything || isApart(metric, label) ? withLabel(metric, label) : metric
}

function isApart({ kind, descriptor }: SnapshotMetric, label: MemberLabel): boolean {
  // A worker thread is there to compute or to wait: its loop stands still, and the process answers all the same.
  if (label.name === 'thread' && descriptor.name.startsWith('nodejs.eventloop.')) return true
  return kind === 'gauge' && gaugeRule(descriptor.name) === 'apart'
}

function withLabel(metric: SnapshotMetric, { name, value }: MemberLabel): SnapshotMetric {
  return { ...metric, keys: metric.keys.map((key) => keyWith(key, name, value)) }
}
