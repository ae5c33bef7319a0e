import fs from 'node:fs'
import type { Attributes } from '@opentelemetry/api'
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { counter, gauge, gauges, UNNAMED_SCOPE, withMetrics } from '../sdk/made-metrics.ts'

/**
 * What every Prometheus client library tells of its process, under the names that dashboards and alerts expect, and those
 * of Node's that `prom-client` made common. Made at scrape time: no cost a request.
 * https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export async function withProcessMetrics(result: CollectionResult): Promise<CollectionResult> {
  return withMetrics(result, UNNAMED_SCOPE, [...ofProcess(), ...(await ofSystem())])
}

/** Without what is read asynchronously. */
export function withProcessMetricsNow(result: CollectionResult): CollectionResult {
  return withMetrics(result, UNNAMED_SCOPE, ofProcess())
}

function ofProcess(): MetricData[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
  return [
    counter('process_cpu_seconds_total', 's', 'User and system processor time.', (user + system) / 1e6),
    counter('process_cpu_user_seconds_total', 's', 'User processor time.', user / 1e6),
    counter('process_cpu_system_seconds_total', 's', 'System processor time.', system / 1e6),
    gauge('process_resident_memory_bytes', 'By', 'Resident memory.', rss),
    gauge(
      'process_start_time_seconds',
      's',
      'Start of the process, in seconds since 1970.',
      performance.timeOrigin / 1000,
    ),
    gauge('nodejs_heap_size_total_bytes', 'By', "Size of V8's heap.", heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'By', "What is used of V8's heap.", heapUsed),
    gauge('nodejs_external_memory_bytes', 'By', 'Memory of objects outside the heap, buffers among them.', external),
    activeResources(),
    gauge('nodejs_version_info', '', 'Version of Node.js.', 1, VERSION_LABELS),
  ]
}

/** What only Linux tells, by the files of /proc; elsewhere there are none of these. */
async function ofSystem(): Promise<MetricData[]> {
  if (process.platform !== 'linux') return []
  try {
    // Where the app has `fs` instrumented, this is not the app's.
    const [files, limits, status] = await untracedWhereWatched(() =>
      Promise.all([openFiles(), read('/proc/self/limits'), read('/proc/self/status')]),
    )
    const mostFiles = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]
    const virtualKb = /^VmSize:\s+(\d+) kB/m.exec(status)?.[1]
    return [
      gauge('process_open_fds', '', 'Open file descriptors.', files),
      ...(mostFiles === undefined
        ? []
        : [gauge('process_max_fds', '', 'The most file descriptors that may be open.', limit(mostFiles))]),
      ...(virtualKb === undefined
        ? []
        : [gauge('process_virtual_memory_bytes', 'By', 'Virtual memory.', Number(virtualKb) * 1024)]),
    ]
  } catch {
    // A container without /proc, or no descriptor free to read it with.
    return []
  }
}

/** With callbacks: for `fs.promises` Node loads a dozen modules, which takes 3 ms of the app's turn. */
function read(file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    fs.readFile(file, 'utf8', (error, text) => (error === null ? resolve(text) : reject(error)))
  })
}

function openFiles(): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.readdir('/proc/self/fd', (error, names) => (error === null ? resolve(names.length) : reject(error)))
  })
}

function limit(text: string): number {
  return text === 'unlimited' ? Infinity : Number(text)
}

function activeResources(): MetricData {
  const resources = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) resources.set(type, (resources.get(type) ?? 0) + 1)
  // One that is gone is none, and not the last figure for ever.
  for (const type of labelsOfResources.keys()) if (!resources.has(type)) resources.set(type, 0)
  return gauges(
    'nodejs_active_resources',
    '',
    'Handles and requests that keep the event loop alive, by type.',
    [...resources].map(([type, value]) => ({ value, attributes: resourceLabels(type) })),
  )
}

/** The same object each time, so that its labels are found ready. */
const labelsOfResources = new Map<string, Attributes>()

function resourceLabels(type: string): Attributes {
  const known = labelsOfResources.get(type)
  if (known !== undefined) return known
  const labels = Object.freeze({ type })
  labelsOfResources.set(type, labels)
  return labels
}

const [major = '', minor = '', patch = ''] = process.versions.node.split('.')
const VERSION_LABELS: Attributes = Object.freeze({ version: process.version, major, minor, patch })
