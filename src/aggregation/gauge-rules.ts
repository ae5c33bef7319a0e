/**
 * How gauges of several processes are combined. With `apart` they are not: each process has its own series. Counters,
 * up-down counters and histograms need no rule: they add up.
 */
export type GaugeRule = 'sum' | 'max' | 'min' | 'apart'

/** A gauge without a rule may mean anything, so it is kept apart. */
const DEFAULT: GaugeRule = 'apart'

/** The rules by metric name (OpenTelemetry's). docs/processes-and-threads.md lists them for users. */
const RULES: Readonly<Record<string, GaugeRule>> = {
  // what the service uses as a whole
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
  // the process in the worst state
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
  // the latest: a restart of any process, the last success of any export
  process_start_time_seconds: 'max',
  'obs.export.last_success_timestamp': 'max',
  // 1 in every process
  nodejs_version_info: 'max',
  obs_metric_overflow: 'max',
}

export function gaugeRule(name: string): GaugeRule {
  return RULES[name] ?? DEFAULT
}
