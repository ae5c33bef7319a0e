import { keyWith } from './attribute-keys.ts'
import { gaugeRule } from './gauge-rules.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'

/** The label that distinguishes members, for example `process="2"`. */
export interface MemberLabel {
  readonly name: 'process' | 'thread'
  readonly value: string
}

/** Adds the label to metrics that are kept apart: gauges without a rule, or everything. */
export function* labelled(snapshot: Snapshot, label: MemberLabel, everything: boolean): Generator<SnapshotMetric> {
  for (const metric of snapshot) yield everything || isApart(metric, label) ? withLabel(metric, label) : metric
}

function isApart({ kind, descriptor }: SnapshotMetric, label: MemberLabel): boolean {
  // A worker thread computes or waits: its event loop may be blocked while the process responds all the same.
  if (label.name === 'thread' && descriptor.name.startsWith('nodejs.eventloop.')) return true
  return kind === 'gauge' && gaugeRule(descriptor.name) === 'apart'
}

function withLabel(metric: SnapshotMetric, { name, value }: MemberLabel): SnapshotMetric {
  return { ...metric, keys: metric.keys.map((key) => keyWith(key, name, value)) }
}
