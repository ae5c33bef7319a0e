/** `node scripts/dashboard.ts`: writes the Grafana dashboard deploy/grafana/obs.json from the rows of panels below. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const FILE = join(ROOT, 'deploy/grafana/obs.json')

type Json = Readonly<Record<string, unknown>>

interface Query {
  readonly expr: string
  /** Grafana's template for the name of a series. */
  readonly legend: string
  /** Also requests the histogram's exemplars, which link to their traces. */
  readonly exemplar?: true
}

interface Panel {
  readonly title: string
  readonly description: string
  readonly type?: 'timeseries' | 'stat' | 'heatmap'
  readonly unit: string
  readonly queries: readonly Query[]
  /** Out of 24 columns. */
  readonly width: number
  readonly stacked?: true
  readonly max?: number
  /** The values from which a stat is yellow and red. */
  readonly thresholds?: readonly [warning: number, critical: number]
}

interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** Selects the series chosen by the variables at the top. */
const CHOSEN = 'job=~"$job",instance=~"$instance"'
const chosen = (metric: string, more = ''): string => `${metric}{${CHOSEN}${more === '' ? '' : `,${more}`}}`
/** Excludes worker threads, which may compute or wait for long. */
const MAIN_THREAD = 'thread=""'
const rate = (metric: string, more = ''): string => `rate(${chosen(metric, more)}[$__rate_interval])`
const sum = (by: string, expr: string): string => `sum by (${by}) (${expr})`
const quantile = (q: number, by: string, metric: string): string =>
  `histogram_quantile(${q}, ${sum(by === '' ? 'le' : `${by}, le`, rate(`${metric}_bucket`))})`

const REQUESTS = rate('http_requests_total')
/** Includes requests without a status, whose response the app destroyed before there was one. */
const FAILED = rate('http_requests_total', 'status=~"5..|"')
const ROUTE = '{{endpoint}}'

const ROWS: readonly Row[] = [
  {
    title: 'Requests',
    panels: [
      {
        title: 'Requests',
        description: 'Answered requests a second.',
        type: 'stat',
        unit: 'reqps',
        width: 5,
        queries: [{ expr: `sum(${REQUESTS})`, legend: 'requests' }],
      },
      {
        title: 'Failed',
        description: 'Share of the requests that were answered with 5xx, or broken off by the app.',
        type: 'stat',
        unit: 'percentunit',
        width: 5,
        thresholds: [0.01, 0.05],
        queries: [{ expr: `(sum(${FAILED}) or vector(0)) / sum(${REQUESTS})`, legend: 'failed' }],
      },
      {
        title: 'p95',
        description: 'Nineteen of twenty requests are answered within this time.',
        type: 'stat',
        unit: 's',
        width: 5,
        thresholds: [0.5, 1],
        queries: [{ expr: quantile(0.95, '', 'http_request_duration_seconds'), legend: 'p95' }],
      },
      {
        title: 'In progress',
        description: 'Requests that are being answered.',
        type: 'stat',
        unit: 'none',
        width: 4,
        queries: [{ expr: `sum(${chosen('http_server_active_requests')})`, legend: 'active' }],
      },
      {
        title: 'Instances',
        description: 'Processes that answer scrapes.',
        type: 'stat',
        unit: 'none',
        width: 5,
        queries: [{ expr: `sum(${chosen('up')})`, legend: 'up' }],
      },
      {
        title: 'Requests by route',
        description: 'Answered requests a second by route template.',
        unit: 'reqps',
        width: 12,
        queries: [{ expr: sum('method, endpoint', REQUESTS), legend: `{{method}} ${ROUTE}` }],
      },
      {
        title: 'Failed by route',
        description: 'Share of the requests to each route that were answered with 5xx, or broken off.',
        unit: 'percentunit',
        width: 12,
        queries: [
          {
            expr: `(${sum('endpoint', FAILED)} or 0 * ${sum('endpoint', REQUESTS)}) / ${sum('endpoint', REQUESTS)}`,
            legend: ROUTE,
          },
        ],
      },
      {
        title: 'Duration by route, p50 and p99',
        description: 'With exemplars: each is one traced request.',
        unit: 's',
        width: 12,
        queries: [
          { expr: quantile(0.5, 'endpoint', 'http_request_duration_seconds'), legend: `${ROUTE} p50` },
          { expr: quantile(0.99, 'endpoint', 'http_request_duration_seconds'), legend: `${ROUTE} p99`, exemplar: true },
        ],
      },
      {
        title: 'Durations of all requests',
        description: 'How many requests took how long.',
        type: 'heatmap',
        unit: 's',
        width: 12,
        queries: [
          {
            expr: sum('le', `increase(${chosen('http_request_duration_seconds_bucket')}[$__rate_interval])`),
            legend: '{{le}}',
            exemplar: true,
          },
        ],
      },
    ],
  },
  {
    title: 'What it calls',
    panels: [
      {
        title: 'Database operations',
        description: 'Operations a second by system and operation.',
        unit: 'ops',
        width: 12,
        queries: [
          {
            expr: sum('db_system_name, db_operation_name', rate('db_client_operation_duration_seconds_count')),
            legend: '{{db_system_name}} {{db_operation_name}}',
          },
        ],
      },
      {
        title: 'Database latency, p50 and p95',
        description: 'From the call of the client to its answer.',
        unit: 's',
        width: 12,
        queries: [
          {
            expr: quantile(0.5, 'db_system_name', 'db_client_operation_duration_seconds'),
            legend: '{{db_system_name}} p50',
          },
          {
            expr: quantile(0.95, 'db_system_name', 'db_client_operation_duration_seconds'),
            legend: '{{db_system_name}} p95',
            exemplar: true,
          },
        ],
      },
      {
        title: 'Database connections',
        description: 'Connections of the pools. Requests wait where none is idle and the pool is full.',
        unit: 'none',
        width: 8,
        queries: [
          {
            expr: sum(
              'db_client_connection_pool_name, db_client_connection_state',
              chosen('db_client_connection_count'),
            ),
            legend: '{{db_client_connection_pool_name}} {{db_client_connection_state}}',
          },
          {
            expr: sum('db_client_connection_pool_name', chosen('db_client_connection_pending_requests')),
            legend: '{{db_client_connection_pool_name}} waiting',
          },
        ],
      },
      {
        title: 'Outgoing requests',
        description: 'HTTP requests of the app a second by host.',
        unit: 'reqps',
        width: 8,
        queries: [
          {
            expr: sum('server_address', rate('http_client_request_duration_seconds_count')),
            legend: '{{server_address}}',
          },
        ],
      },
      {
        title: 'Outgoing requests, p95',
        description: 'How long they take by host.',
        unit: 's',
        width: 8,
        queries: [
          {
            expr: quantile(0.95, 'server_address', 'http_client_request_duration_seconds'),
            legend: '{{server_address}}',
            exemplar: true,
          },
        ],
      },
    ],
  },
  {
    title: 'Runtime',
    panels: [
      {
        title: 'Event loop delay',
        description: 'How late timers are. Above 100 ms all requests suffer.',
        unit: 's',
        width: 8,
        queries: [
          {
            expr: `max by (instance) (${chosen('nodejs_eventloop_delay_p50_seconds', MAIN_THREAD)})`,
            legend: '{{instance}} p50',
          },
          {
            expr: `max by (instance) (${chosen('nodejs_eventloop_delay_p99_seconds', MAIN_THREAD)})`,
            legend: '{{instance}} p99',
          },
        ],
      },
      {
        title: 'Event loop utilisation',
        description: 'Share of the time in which the event loop works. Near 1 the process takes no more.',
        unit: 'percentunit',
        max: 1,
        width: 8,
        queries: [
          {
            expr: `max by (instance) (${chosen('nodejs_eventloop_utilization_ratio', MAIN_THREAD)})`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        title: 'Garbage collection',
        description: 'Share of the time in pauses of the garbage collector by kind.',
        unit: 'percentunit',
        width: 8,
        stacked: true,
        queries: [{ expr: sum('v8js_gc_type', rate('v8js_gc_duration_seconds_sum')), legend: '{{v8js_gc_type}}' }],
      },
      {
        title: 'Heap by space',
        description: 'Memory of JavaScript objects. An old space that only grows is a leak.',
        unit: 'bytes',
        width: 12,
        stacked: true,
        queries: [
          {
            expr: sum('v8js_heap_space_name', chosen('v8js_memory_heap_used_bytes')),
            legend: '{{v8js_heap_space_name}}',
          },
        ],
      },
      {
        title: 'Active resources',
        description: 'What keeps the process alive: sockets, servers, timers.',
        unit: 'none',
        width: 12,
        stacked: true,
        queries: [{ expr: sum('type', chosen('nodejs_active_resources')), legend: '{{type}}' }],
      },
    ],
  },
  {
    title: 'Process',
    panels: [
      {
        title: 'Processor time',
        description: 'Seconds a second: 1 is a whole core.',
        unit: 'none',
        width: 8,
        queries: [
          { expr: sum('instance', rate('process_cpu_user_seconds_total')), legend: '{{instance}} user' },
          { expr: sum('instance', rate('process_cpu_system_seconds_total')), legend: '{{instance}} system' },
        ],
      },
      {
        title: 'Memory',
        description: 'Resident memory, and what of it is the JavaScript heap.',
        unit: 'bytes',
        width: 8,
        queries: [
          { expr: sum('instance', chosen('process_resident_memory_bytes')), legend: '{{instance}} resident' },
          { expr: sum('instance', chosen('nodejs_heap_size_used_bytes')), legend: '{{instance}} heap' },
        ],
      },
      {
        title: 'Open file descriptors',
        description: 'Share of what the process may open.',
        unit: 'percentunit',
        max: 1,
        width: 8,
        queries: [
          {
            expr: `max by (instance) (${chosen('process_open_fds')} / ${chosen('process_max_fds')})`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        title: 'Uptime',
        description: 'It falls to zero with each restart.',
        unit: 's',
        width: 24,
        queries: [
          { expr: `time() - max by (instance) (${chosen('process_start_time_seconds')})`, legend: '{{instance}}' },
        ],
      },
    ],
  },
  {
    title: 'Telemetry itself',
    panels: [
      {
        title: 'Spans exported and lost',
        description: 'Spans a second that the collector took, and what was lost by signal and reason.',
        unit: 'ops',
        width: 8,
        queries: [
          { expr: `sum(${rate('otel_sdk_exporter_span_exported_total', 'error_type=""')})`, legend: 'exported' },
          { expr: sum('signal, reason', rate('obs_export_dropped_total')), legend: '{{signal}} {{reason}}' },
        ],
      },
      {
        title: 'Waiting for the collector',
        description: 'Memory of batches kept while it is away.',
        unit: 'bytes',
        width: 8,
        queries: [{ expr: sum('instance', chosen('obs_export_retained_bytes')), legend: '{{instance}}' }],
      },
      {
        title: 'Queue fill',
        description: 'At 1 spans are dropped: raise OTEL_BSP_MAX_QUEUE_SIZE or sample.',
        unit: 'percentunit',
        max: 1,
        width: 8,
        queries: [
          {
            expr: `max by (signal) (${chosen('obs_export_queue_utilization_ratio')})`,
            legend: '{{signal}}',
          },
        ],
      },
      {
        title: 'Since the last export',
        description: 'Time since the collector took anything, of processes that it ever took anything from.',
        unit: 's',
        width: 12,
        queries: [
          {
            expr: `time() - max by (signal) (${chosen('obs_export_last_success_timestamp_seconds')} > 0)`,
            legend: '{{signal}}',
          },
        ],
      },
      {
        title: 'Scrapes',
        description: 'How long Prometheus takes to get the metrics of each process.',
        unit: 's',
        width: 12,
        queries: [{ expr: `max by (instance) (${chosen('scrape_duration_seconds')})`, legend: '{{instance}}' }],
      },
    ],
  },
]

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }
const STAT_HEIGHT = 4
const HEIGHT = 8

/** The dashboard as Grafana imports it (JSON model of Grafana 12). */
export function dashboard(): Json {
  const panels: Json[] = []
  let y = 0
  for (const row of ROWS) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: y++, w: 24, h: 1 },
    })
    let x = 0
    let height = 0
    for (const panel of row.panels) {
      if (x + panel.width > 24) {
        x = 0
        y += height
      }
      height = panel.type === 'stat' ? STAT_HEIGHT : HEIGHT
      panels.push(panelOf(panel, panels.length + 1, { x, y, w: panel.width, h: height }))
      x += panel.width
    }
    y += height
  }
  return {
    uid: 'paxx-obs',
    title: 'Node.js service (@paxx/obs)',
    description: 'Requests, databases, runtime, process and the telemetry itself of services that run under @paxx/obs.',
    tags: ['nodejs', 'opentelemetry', 'prometheus'],
    schemaVersion: 42,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timepicker: {},
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: { list: VARIABLES },
    panels,
  }
}

const VARIABLES: readonly Json[] = [
  {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    refresh: 1,
  },
  queryVariable('job', 'Job', 'label_values(target_info, job)'),
  queryVariable('instance', 'Instance', 'label_values(target_info{job=~"$job"}, instance)'),
]

function queryVariable(name: string, label: string, query: string): Json {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
    hide: 0,
  }
}

function panelOf(panel: Panel, id: number, gridPos: Json): Json {
  const { type = 'timeseries', title, description, queries } = panel
  const targets = queries.map(({ expr, legend, exemplar }, index) => ({
    refId: String.fromCodePoint(65 + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    range: type !== 'stat',
    instant: type === 'stat',
    format: type === 'heatmap' ? 'heatmap' : 'time_series',
    exemplar: exemplar === true,
  }))
  return { id, type, title, description, datasource: DATASOURCE, gridPos, targets, ...looks(panel, type) }
}

function looks({ unit, stacked, max, thresholds }: Panel, type: NonNullable<Panel['type']>): Json {
  if (type === 'heatmap') {
    const options = {
      calculate: false,
      yAxis: { unit, axisPlacement: 'left' },
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64 },
    }
    return {
      options: { ...options, cellGap: 1, tooltip: { mode: 'single', yHistogram: false } },
      fieldConfig: { defaults: {}, overrides: [] },
    }
  }
  const [warning, critical] = thresholds ?? []
  const steps = [
    { color: 'green', value: null },
    ...(warning === undefined ? [] : [{ color: 'yellow', value: warning }]),
    ...(critical === undefined ? [] : [{ color: 'red', value: critical }]),
  ]
  const defaults = { unit, min: 0, ...(max === undefined ? {} : { max }), thresholds: { mode: 'absolute', steps } }
  if (type === 'stat') {
    const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false }
    return {
      options: { reduceOptions, colorMode: 'value', graphMode: 'none' },
      fieldConfig: { defaults, overrides: [] },
    }
  }
  const custom = {
    lineWidth: 1,
    fillOpacity: stacked === true ? 30 : 10,
    showPoints: 'never',
    stacking: { mode: stacked === true ? 'normal' : 'none', group: 'A' },
  }
  const legend = { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['mean', 'max'] }
  return {
    options: { legend, tooltip: { mode: 'multi', sort: 'desc' } },
    fieldConfig: { defaults: { ...defaults, custom }, overrides: [] },
  }
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(dashboard(), undefined, 2)}\n`)
  execFileSync(join(ROOT, 'node_modules/.bin/oxfmt'), [FILE], { cwd: ROOT, stdio: 'ignore' })
}
