/**
 * How a gauge of several processes becomes one value. `apart`: it does not; each process has a series of its own. Counters,
 * up-down counters and histograms need no rule: they add up.
 */
export type GaugeRule = 'sum' | 'max' | 'min' | 'apart'

/** A gauge that nobody has a rule for may mean anything: kept apart. */
const DEFAULT: GaugeRule = 'apart'

/** By the name it has in OpenTelemetry. docs/processes-and-threads.md says the same. */
const RULES: Readonly<Record<string, GaugeRule>> = {
  // what the service as a whole takes
  process_resident_memory_bytes: 'sum',
  process_virtual_memory_bytes: 'sum',
  nodejs_heap_size_total_bytes: 'sum',
  nodejs_heap_size_used_bytes: 'sum',
  nodejs_external_memory_bytes: 'sum',
  nodejs_active_resources: 'sum',
  'v8js.memory.heap.used': 'sum',
  'v8js.memory.heap.space.size': 'sum',
  'v8js.memory.heap.space.available_size': 'sum',
  'v8js.memory.heap.space.physical_size': 'sum',
  'v8js.resource.active': 'sum',
  'obs.export.retained': 'sum',
  'obs.sampling.held_spans': 'sum',
  // the process that is worst off
  process_open_fds: 'max',
  process_max_fds: 'min',
  'nodejs.eventloop.delay.min': 'min',
  'nodejs.eventloop.delay.max': 'max',
  'nodejs.eventloop.delay.mean': 'max',
  'nodejs.eventloop.delay.stddev': 'max',
  'nodejs.eventloop.delay.p50': 'max',
  'nodejs.eventloop.delay.p90': 'max',
  'nodejs.eventloop.delay.p99': 'max',
  'nodejs.eventloop.utilization': 'max',
  'obs.export.queue.utilization': 'max',
  // the latest: a restart of any shows; when anybody last reached the collector
  process_start_time_seconds: 'max',
  'obs.export.last_success_timestamp': 'max',
  // 1 in each
  nodejs_version_info: 'max',
  obs_metric_overflow: 'max',
}

export function gaugeRule(name: string): GaugeRule {
  return RULES[name] ?? DEFAULT
}
