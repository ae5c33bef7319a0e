import fs from 'node:fs'
import type { Attributes } from '@opentelemetry/api'
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { counter, gauge, gauges, UNNAMED_SCOPE, withMetrics } from '../sdk/made-metrics.ts'

/**
 * Adds the metrics that Prometheus client libraries have about their process, under the names that dashboards and
 * alerts expect, and those about Node.js that `prom-client` made common. Computed at scrape time, at no cost per
 * request. https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export async function withProcessMetrics(result: CollectionResult): Promise<CollectionResult> {
  return withMetrics(result, UNNAMED_SCOPE, [...ofProcess(), ...(await ofSystem())])
}

/** Adds those that can be read synchronously. */
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

/** Returns the metrics that only Linux provides, in the files of /proc. */
async function ofSystem(): Promise<MetricData[]> {
  if (process.platform !== 'linux') return []
  try {
    // If the app has `fs` instrumented, these reads must not be traced.
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
    // A container without /proc, or no file descriptor left to read it.
    return []
  }
}

/** Uses callbacks: `fs.promises` would load a dozen modules, which takes 3 ms of the app's time. */
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
  // A type that is gone is reported as 0, not with its last value forever.
  for (const type of labelsOfResources.keys()) if (!resources.has(type)) resources.set(type, 0)
  return gauges(
    'nodejs_active_resources',
    '',
    'Handles and requests that keep the event loop alive, by type.',
    [...resources].map(([type, value]) => ({ value, attributes: resourceLabels(type) })),
  )
}

/** The same objects each time, since labels are cached by them. */
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
