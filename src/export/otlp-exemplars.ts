import type { Attributes, HrTime } from '@opentelemetry/api'
import { type Exemplar, exemplarsOf } from '../aggregation/exemplar.ts'

/**
 * Serialises exemplars to OTLP. OpenTelemetry's serialisers ignore them, so the build patches these functions in
 * (`scripts/patches/`).
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */
const EXEMPLAR = { time: 2, double: 3, spanId: 4, traceId: 5, filteredAttributes: 7 }
const FIXED64 = 1
const DELIMITED = 2

/** The part of the serialiser's writer that is used here. */
interface Writer {
  readonly pos: number
  writeTag(field: number, wireType: number): void
  startLengthDelimited(): number
  finishLengthDelimited(start: number, length: number): void
  writeFixed64(low: number, high: number): void
  writeDouble(value: number): void
  writeBytes(bytes: Uint8Array): void
}

type WriteAttributes = (writer: Writer, attributes: Attributes, field: number) => void

/** Writes the exemplars of a data point. `field` is the number of its exemplars field. */
export function writeExemplars(
  writer: Writer,
  dataPoint: object,
  field: number,
  writeAttributes: WriteAttributes,
): void {
  for (const exemplar of exemplarsOf(dataPoint) ?? []) {
    if (exemplar === undefined) continue
    writer.writeTag(field, DELIMITED)
    const start = writer.startLengthDelimited()
    const startPos = writer.pos
    writeExemplar(writer, exemplar, writeAttributes)
    writer.finishLengthDelimited(start, writer.pos - startPos)
  }
}

function writeExemplar(writer: Writer, exemplar: Exemplar, writeAttributes: WriteAttributes): void {
  const { value, timestampMs, traceId, spanId, filteredAttributes } = exemplar
  const nanos = BigInt(timestampMs) * 1_000_000n
  writer.writeTag(EXEMPLAR.time, FIXED64)
  writer.writeFixed64(Number(nanos & 0xffff_ffffn), Number(nanos >> 32n))
  writer.writeTag(EXEMPLAR.double, FIXED64)
  writer.writeDouble(value)
  writeId(writer, EXEMPLAR.spanId, spanId)
  writeId(writer, EXEMPLAR.traceId, traceId)
  if (filteredAttributes !== undefined) writeAttributes(writer, filteredAttributes, EXEMPLAR.filteredAttributes)
}

function writeId(writer: Writer, field: number, id: string | undefined): void {
  if (id === undefined) return
  writer.writeTag(field, DELIMITED)
  writer.writeBytes(Buffer.from(id, 'hex'))
}

interface JsonEncoder {
  encodeHrTime(time: HrTime): unknown
}

type ToAttributes = (attributes: Attributes, encoder: JsonEncoder) => unknown

/** Returns the exemplars of a data point as OTLP/JSON, where ids stay hexadecimal; undefined when there are none. */
export function toExemplars(dataPoint: object, encoder: JsonEncoder, toAttributes: ToAttributes): object[] | undefined {
  return exemplarsOf(dataPoint)
    ?.filter((exemplar) => exemplar !== undefined)
    .map(({ value, timestampMs, traceId, spanId, filteredAttributes }) => ({
      timeUnixNano: encoder.encodeHrTime([Math.floor(timestampMs / 1000), (timestampMs % 1000) * 1e6]),
      asDouble: value,
      ...(spanId === undefined ? {} : { spanId }),
      ...(traceId === undefined ? {} : { traceId }),
      ...(filteredAttributes === undefined ? {} : { filteredAttributes: toAttributes(filteredAttributes, encoder) }),
    }))
}
