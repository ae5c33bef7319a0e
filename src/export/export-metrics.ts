import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { type Ledger, LOSSES } from './ledger.ts'
import { type SettingsByRoute, type Route, signalOf } from './worker-messages.ts'

export interface ObservedExport {
  readonly ledger: Ledger
  readonly batchers: readonly QueueFigures[]
  readonly settingsByRoute: SettingsByRoute
}

interface QueueFigures {
  readonly route: Route
  readonly size: number
  readonly capacity: number
  readonly taken: number
}

/** What the semantic conventions call an item of each signal (semantic-conventions, otel/sdk-metrics). */
const ITEM: Readonly<Record<Signal, string>> = { traces: 'span', metrics: 'metric_data_point', logs: 'log' }
const UNIT: Readonly<Record<Signal, string>> = { traces: '{span}', metrics: '{data_point}', logs: '{log_record}' }

/** A full queue is a loss of the processor, not of the exporter. */
const EXPORTER_LOSSES = LOSSES.filter((loss) => loss !== 'queue_full')

/**
 * Registers the metrics of the export: the conventional `otel.sdk.*` for queues and exporters, and `obs.export.*` for
 * what the conventions do not name. They are read from the ledger at collection and cost nothing before.
 */
export function observeExport(meter: Meter, observed: ObservedExport): void {
  for (const queue of observed.batchers) observeQueue(meter, queue, observed.ledger, nameIndex(queue, observed))
  for (const [route, settings] of Object.entries(observed.settingsByRoute) as [Route, OtlpSettings][]) {
    observeExporter(meter, route, settings, observed.ledger)
  }
  observeTransport(meter, observed)
}

/** Returns the number that distinguishes two processors of one kind. */
function nameIndex({ route }: QueueFigures, { settingsByRoute }: ObservedExport): number {
  return route === 'zipkin' && settingsByRoute.traces !== undefined ? 1 : 0
}

function observeQueue(meter: Meter, queue: QueueFigures, ledger: Ledger, index: number): void {
  const signal = signalOf(queue.route)
  const prefix = `otel.sdk.processor.${ITEM[signal]}`
  const unit = UNIT[signal]
  const type = signal === 'traces' ? 'batching_span_processor' : 'batching_log_processor'
  const component = { 'otel.component.type': type, 'otel.component.name': `${type}/${index}` }
  const upDown = (name: string, description: string, value: () => number): void =>
    meter
      .createObservableUpDownCounter(`${prefix}.${name}`, { unit, description })
      .addCallback((result) => result.observe(value(), component))
  upDown('queue.size', 'Items in the queue.', () => queue.size)
  upDown('queue.capacity', 'The capacity of the queue.', () => queue.capacity)
  meter
    .createObservableCounter(`${prefix}.processed`, {
      unit,
      description: 'Items that left the queue or were dropped because it was full.',
    })
    .addCallback((result) => {
      result.observe(queue.taken, component)
      result.observe(ledger.counted(queue.route, 'queue_full'), { ...component, 'error.type': 'queue_full' })
    })
}

function observeExporter(meter: Meter, route: Route, settings: OtlpSettings, ledger: Ledger): void {
  const signal = signalOf(route)
  const unit = UNIT[signal]
  const component = componentOf(signal, settings)
  meter
    .createObservableUpDownCounter(`otel.sdk.exporter.${ITEM[signal]}.inflight`, {
      unit,
      description: 'Items handed to the exporter whose export has not ended.',
    })
    .addCallback((result) => result.observe(ledger.pendingItems(route), component))
  meter
    .createObservableCounter(`otel.sdk.exporter.${ITEM[signal]}.exported`, {
      unit,
      description: 'Items whose export has ended, with `error.type` where it failed.',
    })
    .addCallback((result) => {
      result.observe(ledger.counted(route, 'exported'), component)
      for (const loss of EXPORTER_LOSSES) {
        const lost = ledger.counted(route, loss)
        if (lost > 0) result.observe(lost, { ...component, 'error.type': loss })
      }
    })
}

function componentOf(signal: Signal, { endpoint, protocol }: OtlpSettings): Attributes {
  const exporter = {
    grpc: 'otlp_grpc',
    'http/protobuf': 'otlp_http',
    'http/json': 'otlp_http_json',
    zipkin: 'zipkin_http',
  }[protocol]
  const type = `${exporter}_${signal === 'metrics' ? 'metric' : ITEM[signal]}_exporter`
  const url = URL.parse(endpoint)
  return {
    'otel.component.type': type,
    'otel.component.name': `${type}/0`,
    ...(url?.hostname ? { 'server.address': url.hostname } : {}),
    ...(url?.port ? { 'server.port': Number(url.port) } : {}),
  }
}

function observeTransport(meter: Meter, { ledger, settingsByRoute, batchers }: ObservedExport): void {
  const routes = Object.keys(settingsByRoute) as Route[]
  const each =
    (observe: (result: ObservableResult, route: Route, labels: Attributes) => void) => (result: ObservableResult) => {
      for (const route of routes) observe(result, route, labelsOf(route))
    }
  meter
    .createObservableCounter('obs.export.dropped', { description: 'Items that never reach the collector, by reason.' })
    .addCallback(
      each((result, route, labels) => {
        for (const reason of LOSSES) result.observe(ledger.counted(route, reason), { ...labels, reason })
      }),
    )
  meter
    .createObservableGauge('obs.export.queue.utilization', {
      unit: '1',
      description: 'How full the queue is, from 0 to 1.',
    })
    .addCallback((result) => {
      for (const { route, size, capacity } of batchers)
        result.observe(capacity === 0 ? 0 : size / capacity, labelsOf(route))
    })
  meter
    .createObservableGauge('obs.export.retained', {
      unit: 'By',
      description: 'Bytes of batches that are being sent or buffered for a retry.',
    })
    .addCallback((result) => result.observe(ledger.retainedBytes))
  meter
    .createObservableGauge('obs.export.last_success_timestamp', {
      unit: 's',
      description: 'Time of the last successful export, in seconds since the epoch; 0 when there was none.',
    })
    .addCallback(each((result, route, labels) => result.observe(ledger.lastSuccessS(route), labels)))
}

function labelsOf(route: Route): Attributes {
  return route === 'zipkin' ? { signal: 'traces', exporter: 'zipkin' } : { signal: route }
}
