import type { BatchMessage } from '../messages.ts'
import { readLogs as logsFromJson, readTraces as tracesFromJson, readZipkin } from './otlp-json.ts'
import { readLogs, readTraces } from './otlp-protobuf.ts'
import type { LogRecord, Span } from './telemetry.ts'

/** The spans or log records of one batch. Throws where the body is not what the message says. */
export function decode({ signal, format, body }: BatchMessage): { spans: readonly Span[]; logs: readonly LogRecord[] } {
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0))
  if (format === 'protobuf') {
    return signal === 'traces' ? { spans: readTraces(bytes), logs: [] } : { spans: [], logs: readLogs(bytes) }
  }
  const json = JSON.parse(new TextDecoder().decode(bytes))
  if (signal === 'logs') return { spans: [], logs: logsFromJson(json) }
  return { spans: format === 'zipkin' ? readZipkin(json) : tracesFromJson(json), logs: [] }
}
