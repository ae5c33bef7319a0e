import type { Snapshot, SnapshotMetric } from '../aggregation/snapshot.ts'

/** Returns the fleet's own metrics, computed at each scrape. */
export function memberMetrics(members: number, missing: number): Snapshot {
  return [
    figure('obs.fleet.members', 'Processes of the service that share this endpoint.', members),
    figure('obs.fleet.members_missing', 'Processes that did not answer in time.', missing),
  ]
}

function figure(name: string, description: string, value: number): SnapshotMetric {
  const nowMs = Date.now()
  return {
    scope: { name: '' },
    descriptor: { name, description, unit: '', valueType: 1 },
    kind: 'gauge',
    isObserved: true,
    boundaries: [],
    keys: ['[]'],
    rows: [[nowMs, nowMs, value, 0]],
    exemplars: undefined,
  }
}
