import type { BatchMessage } from '../messages.ts'
import { readLogsJson, readTracesJson, readZipkin } from './otlp-json.ts'
import { readLogsProtobuf, readTracesProtobuf } from './otlp-protobuf.ts'
import type { LogRecord, Span } from './spans-and-logs.ts'

/** Decodes the spans or log records of a batch. Throws if the body does not match the message. */
export function decode({ signal, format, body }: BatchMessage): { spans: readonly Span[]; logs: readonly LogRecord[] } {
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0))
  if (format === 'protobuf') {
    return signal === 'traces'
      ? { spans: readTracesProtobuf(bytes), logs: [] }
      : { spans: [], logs: readLogsProtobuf(bytes) }
  }
  const json = JSON.parse(new TextDecoder().decode(bytes))
  if (signal === 'logs') return { spans: [], logs: readLogsJson(json) }
  return { spans: format === 'zipkin' ? readZipkin(json) : readTracesJson(json), logs: [] }
}
