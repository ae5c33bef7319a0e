import { format } from 'node:util'
import { context, isSpanContextValid, logs, SeverityNumber, trace } from '@opentelemetry/api'
import type { LogsSettings } from '../settings/settings.ts'
import { VERSION } from '../base/version.ts'

type ConsoleMethod = 'debug' | 'log' | 'info' | 'warn' | 'error'

const SEVERITIES: Readonly<Record<ConsoleMethod, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
}

/** `OBS_CONSOLE_LOGS`: adds trace ids to what the app writes with `console`, and exports it as log records. */
export function watchConsole(wanted: LogsSettings['console']): void {
  const correlates = wanted.includes('correlate')
  const send = wanted.includes('export') ? sender() : undefined
  for (const method of Object.keys(SEVERITIES) as ConsoleMethod[]) {
    const original = console[method]
    const wrapped = function (this: unknown, ...args: unknown[]): void {
      let written = args
      try {
        send?.(method, args)
        if (correlates) written = withTraceIds(args)
      } catch {
        // The app's output comes first and must appear in any case.
      }
      Reflect.apply(original, this, written)
    }
    Object.defineProperty(wrapped, 'name', { value: method })
    console[method] = wrapped
  }
}

function sender(): (method: ConsoleMethod, args: readonly unknown[]) => void {
  const logger = logs.getLogger('@paxx/obs/console', VERSION)
  let isSending = false
  return (method, args) => {
    // The `inspect` method of an argument may write to the console itself.
    if (isSending) return
    isSending = true
    try {
      const exception = args.find((arg) => arg instanceof Error)
      logger.emit({
        severityNumber: SEVERITIES[method],
        severityText: method === 'log' ? 'info' : method,
        body: format(...args),
        context: context.active(),
        ...(exception === undefined ? {} : { exception }),
      })
    } finally {
      isSending = false
    }
  }
}

/**
 * Appends the trace ids, only when all arguments are text, whose formatting is known: as ` trace_id=… span_id=…`, or as
 * two members when the text is a JSON object.
 */
export function withTraceIds(args: unknown[]): unknown[] {
  const span = trace.getActiveSpan()?.spanContext()
  if (span === undefined || !isSpanContextValid(span) || !args.every((arg) => typeof arg === 'string')) return args
  // A single argument is written as it is, without interpreting `%`.
  const text = args.length === 1 ? (args[0] as string) : format(...args)
  const end = text.trimEnd().length
  if (end === 0 || text.includes(span.traceId)) return args
  const { traceId, spanId } = span
  if (text.startsWith('{"') && text[end - 1] === '}') {
    return [`${text.slice(0, end - 1)},"trace_id":"${traceId}","span_id":"${spanId}"${text.slice(end - 1)}`]
  }
  return [`${text.slice(0, end)} trace_id=${traceId} span_id=${spanId}${text.slice(end)}`]
}
