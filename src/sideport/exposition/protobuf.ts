import type { Attributes, HrTime } from '@opentelemetry/api'
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics'
import type { Exemplar } from '../../aggregation/exemplar.ts'
import { exemplarLabels, exemplarsByBucket, latestExemplar } from './exemplars.ts'
import { toNative } from './exponential.ts'
import type { NativeBuckets } from './exponential.ts'
import type { Family, FamilyType } from './families.ts'
import type { LabelCache, Labels } from './label-cache.ts'
import type { LabelPair, LabelStyle } from './labels.ts'
import { pointsOf } from './points.ts'
import type { Point } from './points.ts'
import { createProtobufWriter, varintBytes } from './protobuf-writer.ts'
import type { ProtobufWriter } from './protobuf-writer.ts'

export interface ProtobufContext {
  readonly style: LabelStyle
  readonly labels: LabelCache
}

type Sample = Point<Labels>

/** Field numbers of https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto */
const FAMILY = { name: 1, help: 2, type: 3, metric: 4, unit: 5 }
const METRIC = { label: 1, gauge: 2, counter: 3, histogram: 7 }
const LABEL = { name: 1, value: 2 }
const GAUGE = { value: 1 }
const COUNTER = { value: 1, exemplar: 2, created: 3 }
const BUCKET = { cumulativeCount: 1, upperBound: 2, exemplar: 3 }
const SPAN = { offset: 1, length: 2 }
const EXEMPLAR = { label: 1, value: 2, timestamp: 3 }
const TIMESTAMP = { seconds: 1, nanos: 2 }
const HISTOGRAM = {
  count: 1,
  sum: 2,
  bucket: 3,
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  negativeSpan: 9,
  negativeDelta: 10,
  positiveSpan: 12,
  positiveDelta: 13,
  created: 15,
  exemplars: 16,
}
const TYPES: Readonly<Record<FamilyType, number>> = { counter: 0, gauge: 1, unknown: 3, histogram: 4, exponential: 4 }

/** The specification's default when OpenTelemetry has none. */
const DEFAULT_ZERO_THRESHOLD = 1e-128
const METRICS_A_STEP = 25

/** Yields families as length-delimited `io.prometheus.client.MetricFamily`, and empty pieces like `textChunks`. */
export function* protobufChunks(
  families: readonly Family[],
  target: Attributes | undefined,
  context: ProtobufContext,
): Generator<Uint8Array | ''> {
  const writer = createProtobufWriter()
  if (target !== undefined) yield* targetInfo(writer, target, context)
  for (const family of families) yield* familyPieces(writer, family, context)
}

function* familyPieces(writer: ProtobufWriter, family: Family, context: ProtobufContext): Generator<Uint8Array | ''> {
  const points = yield* pointsOf(family, context.labels.labelsOf(context.style))
  const pieces: Uint8Array[] = [familyHead(writer, family)]
  let inStep = 0
  let metrics = 0
  for (const point of points) {
    const labels = labelBytes(point, context, writer, pieces)
    if (writeMetric(writer, family, point, labels, context)) metrics += 1
    if (++inStep < METRICS_A_STEP) continue
    pieces.push(writer.take())
    inStep = 0
    yield ''
  }
  pieces.push(writer.take())
  // A family without metrics is invalid.
  if (metrics > 0) yield* delimited(pieces)
}

function* delimited(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  yield varintBytes(pieces.reduce((sum, piece) => sum + piece.length, 0))
  yield* pieces
}

function* targetInfo(writer: ProtobufWriter, target: Attributes, context: ProtobufContext): Generator<Uint8Array> {
  writer.text(FAMILY.name, 'target_info')
  writer.text(FAMILY.help, 'Target metadata')
  writer.varint(FAMILY.type, TYPES.gauge)
  const pairs = context.labels.pairsOf(target, { name: '' }, context.style)
  writer.message(FAMILY.metric, () => {
    writeLabels(writer, METRIC.label, pairs)
    writer.message(METRIC.gauge, () => writer.double(GAUGE.value, 1))
  })
  yield* delimited([writer.take()])
}

function familyHead(writer: ProtobufWriter, family: Family): Uint8Array {
  writer.text(FAMILY.name, family.name)
  if (family.help !== '') writer.text(FAMILY.help, family.help)
  writer.varint(FAMILY.type, TYPES[family.type])
  if (family.unit !== '') writer.text(FAMILY.unit, family.unit)
  return writer.take()
}

/** Encodes labels once per attribute set. What the writer contains is moved to `pieces` first. */
function labelBytes(point: Sample, context: ProtobufContext, writer: ProtobufWriter, pieces: Uint8Array[]): Uint8Array {
  if (point.labels.bytes !== undefined) return point.labels.bytes
  pieces.push(writer.take())
  writeLabels(writer, METRIC.label, context.labels.pairsOf(point.attributes, point.scope, context.style))
  return (point.labels.bytes = writer.take())
}

function writeLabels(writer: ProtobufWriter, field: number, pairs: readonly LabelPair[]): void {
  for (const [name, value] of pairs) {
    writer.message(field, () => {
      writer.text(LABEL.name, name)
      writer.text(LABEL.value, value)
    })
  }
}

/** Writes a point. Returns false when it has no valid form in this format and is dropped. */
function writeMetric(
  writer: ProtobufWriter,
  family: Family,
  point: Sample,
  labels: Uint8Array,
  context: ProtobufContext,
): boolean {
  const native = family.type === 'exponential' ? toNative(point.value as ExponentialHistogram) : undefined
  const isUnfit = native === undefined || (point.value as ExponentialHistogram).sum === undefined
  if (family.type === 'exponential' && isUnfit) return false
  writer.message(FAMILY.metric, () => {
    writer.raw(labels)
    if (family.type === 'gauge') {
      writer.message(METRIC.gauge, () => writer.double(GAUGE.value, point.value as number))
    } else if (family.type === 'histogram') {
      writer.message(METRIC.histogram, () => writeClassic(writer, point, context))
    } else if (native !== undefined) {
      writer.message(METRIC.histogram, () => writeNative(writer, point, native, context))
    } else {
      writer.message(METRIC.counter, () => writeCounter(writer, point, context))
    }
  })
  return true
}

function writeCounter(writer: ProtobufWriter, point: Sample, context: ProtobufContext): void {
  writer.double(COUNTER.value, point.value as number)
  writeExemplar(writer, COUNTER.exemplar, point.exemplars && latestExemplar(point.exemplars), context)
  writeTimestamp(writer, COUNTER.created, point.startTime)
}

function writeClassic(writer: ProtobufWriter, point: Sample, context: ProtobufContext): void {
  const { buckets, count, sum } = point.value as Histogram
  const byBucket = point.exemplars && exemplarsByBucket(point.exemplars, buckets.boundaries)
  writer.varint(HISTOGRAM.count, count)
  if (sum !== undefined) writer.double(HISTOGRAM.sum, sum)
  let cumulative = 0
  for (let i = 0; i <= buckets.boundaries.length; i++) {
    cumulative += buckets.counts[i] ?? 0
    writer.message(HISTOGRAM.bucket, () => {
      writer.varint(BUCKET.cumulativeCount, cumulative)
      writer.double(BUCKET.upperBound, buckets.boundaries[i] ?? Infinity)
      writeExemplar(writer, BUCKET.exemplar, byBucket?.[i], context)
    })
  }
  writeTimestamp(writer, HISTOGRAM.created, point.startTime)
}

function writeNative(
  writer: ProtobufWriter,
  point: Sample,
  native: { schema: number; positive: NativeBuckets; negative: NativeBuckets },
  context: ProtobufContext,
): void {
  const { count, sum, zeroCount } = point.value as ExponentialHistogram
  writer.varint(HISTOGRAM.count, count)
  writer.double(HISTOGRAM.sum, sum ?? 0)
  writer.zigzag(HISTOGRAM.schema, native.schema)
  writer.double(HISTOGRAM.zeroThreshold, DEFAULT_ZERO_THRESHOLD)
  writer.varint(HISTOGRAM.zeroCount, zeroCount)
  writeSide(writer, HISTOGRAM.negativeSpan, HISTOGRAM.negativeDelta, native.negative)
  writeSide(writer, HISTOGRAM.positiveSpan, HISTOGRAM.positiveDelta, native.positive)
  writeTimestamp(writer, HISTOGRAM.created, point.startTime)
  for (const exemplar of point.exemplars ?? []) writeExemplar(writer, HISTOGRAM.exemplars, exemplar, context)
}

function writeSide(writer: ProtobufWriter, spanField: number, deltaField: number, side: NativeBuckets): void {
  for (const span of side.spans) {
    writer.message(spanField, () => {
      writer.zigzag(SPAN.offset, span.offset)
      writer.varint(SPAN.length, span.length)
    })
  }
  // The field is not packed, as is the default of proto2.
  for (const delta of side.deltas) writer.zigzag(deltaField, delta)
}

function writeExemplar(
  writer: ProtobufWriter,
  field: number,
  exemplar: Exemplar | undefined,
  context: ProtobufContext,
): void {
  if (exemplar === undefined) return
  const labels = exemplarLabels(exemplar, (attributes) =>
    context.labels.pairsOf(attributes, { name: '' }, context.style),
  )
  writer.message(field, () => {
    writeLabels(writer, EXEMPLAR.label, labels)
    writer.double(EXEMPLAR.value, exemplar.value)
    const seconds = Math.floor(exemplar.timestampMs / 1000)
    writeTimestamp(writer, EXEMPLAR.timestamp, [seconds, Math.round((exemplar.timestampMs - seconds * 1000) * 1e6)])
  })
}

function writeTimestamp(writer: ProtobufWriter, field: number, [seconds, nanos]: HrTime): void {
  writer.message(field, () => {
    writer.varint(TIMESTAMP.seconds, seconds)
    writer.varint(TIMESTAMP.nanos, nanos)
  })
}
