import { format } from 'node:util'
import { context, isSpanContextValid, logs, SeverityNumber, trace } from '@opentelemetry/api'
import type { LogsSettings } from '../settings/settings.ts'
import { VERSION } from '../base/version.ts'

type Method = 'debug' | 'log' | 'info' | 'warn' | 'error'

const SEVERITIES: Readonly<Record<Method, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
}

/** `OBS_CONSOLE_LOGS`: the ids of the trace in what the app writes with `console`, and log records of it. */
export function watchConsole(wanted: LogsSettings['console']): void {
  const correlates = wanted.includes('correlate')
  const send = wanted.includes('export') ? sender() : undefined
  for (const method of Object.keys(SEVERITIES) as Method[]) {
    const original = console[method]
    const wrapped = function (this: unknown, ...args: unknown[]): void {
      let written = args
      try {
        send?.(method, args)
        if (correlates) written = withTraceIds(args)
      } catch {
        // What the app writes comes first, and has to come out.
      }
      Reflect.apply(original, this, written)
    }
    Object.defineProperty(wrapped, 'name', { value: method })
    console[method] = wrapped
  }
}

function sender(): (method: Method, args: readonly unknown[]) => void {
  const logger = logs.getLogger('@paxx/obs/console', VERSION)
  let isSending = false
  return (method, args) => {
    // An argument's own `inspect` may write as well.
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
 * Only where all arguments are text, whose formatting is known: ` trace_id=… span_id=…` behind it, or two more members where it
 * is an object in JSON.
 */
export function withTraceIds(args: unknown[]): unknown[] {
  const span = trace.getActiveSpan()?.spanContext()
  if (span === undefined || !isSpanContextValid(span) || !args.every((arg) => typeof arg === 'string')) return args
  // One argument alone is written as it is, without a look at its `%`.
  const text = args.length === 1 ? (args[0] as string) : format(...args)
  const end = text.trimEnd().length
  if (end === 0 || text.includes(span.traceId)) return args
  const { traceId, spanId } = span
  if (text.startsWith('{"') && text[end - 1] === '}') {
    return [`${text.slice(0, end - 1)},"trace_id":"${traceId}","span_id":"${spanId}"${text.slice(end - 1)}`]
  }
  return [`${text.slice(0, end)} trace_id=${traceId} span_id=${spanId}${text.slice(end)}`]
}
