import { type Check, fact, ok, problem, warning } from '../../cli/doctor/check.ts'
import { exportChecks, instrumentationChecks } from '../../cli/doctor/process.ts'
import type { HelloMessage, StatusMessage } from '../messages.ts'
import type { ServiceExport } from './exports.ts'
import { count, plural } from './format.ts'

/** Returns what `paxx-obs doctor` would report about the running processes of the service, the worst first. */
export function verdictOf(
  hello: HelloMessage,
  status: StatusMessage,
  exports: readonly ServiceExport[],
): readonly Check[] {
  const { processes } = status
  const checks = [
    ok(
      'service',
      `${plural(processes.length, 'process', 'processes')} of "${hello.service}" on Node.js ${hello.nodeVersion}`,
    ),
    ...hello.problems.map(({ variable, message }) =>
      problem(`setting:${variable}`, message, 'paxx-obs settings shows every variable'),
    ),
    ...tracesChecks(hello),
    ...instrumentationChecks(processes.flatMap(({ instrumentations }) => instrumentations)),
    ...exportChecks(Object.fromEntries(exports.map((each) => [each.route, judged(each)]))),
    ...tooLargeChecks(processes.reduce((sum, { tooLarge }) => sum + tooLarge, 0)),
  ]
  return checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
}

const ORDER: readonly Check['status'][] = ['problem', 'warning', 'ok', 'info']

/** Items that are in flight are not a loss while the collector accepts data. */
function judged(each: ServiceExport): ServiceExport {
  return each.trouble === undefined ? { ...each, pending: 0 } : each
}

/** Explains why lists of traces may be empty or incomplete; undefined if all traces are exported. */
export function whyTracesAreMissing({ traces }: HelloMessage): string | undefined {
  const { exporters, sampler, ratio, perSecond } = traces
  if (exporters.length === 0) return 'OTEL_TRACES_EXPORTER=none: no spans are made, so there are no traces to show.'
  if (!exporters.some((exporter) => exporter === 'otlp' || exporter === 'zipkin')) {
    return `OTEL_TRACES_EXPORTER=${exporters.join(',')}: the page shows the spans that are sent over OTLP or to Zipkin, and none are.`
  }
  if (sampler.endsWith('always_off')) {
    return `OTEL_TRACES_SAMPLER=${sampler}: no trace that begins here is sampled, and what is not sampled is not shown.`
  }
  if (sampler.endsWith('traceidratio') && ratio < 1) {
    return `OTEL_TRACES_SAMPLER=${sampler}: ${count(100 * ratio)} % of the traces that begin here are sampled; the others are not shown.`
  }
  if (sampler.endsWith('jaeger_remote')) {
    return `OTEL_TRACES_SAMPLER=${sampler}: the sampling server says which traces are sampled; the others are not shown.`
  }
  if (perSecond !== undefined) {
    return `OBS_TRACES_PER_SECOND=${perSecond}: at most so many traces a second begin here; the others are not shown.`
  }
  return undefined
}

function tracesChecks(hello: HelloMessage): Check[] {
  const why = whyTracesAreMissing(hello)
  return why === undefined ? [] : [fact('traces', why)]
}

function tooLargeChecks(tooLarge: number): Check[] {
  if (tooLarge === 0) return []
  return [
    warning(
      'page',
      `${plural(tooLarge, 'item')} larger than the page's buffer ${tooLarge === 1 ? 'was' : 'were'} exported and not kept for this page`,
      'OBS_PAGE_BUFFER is the memory for what is shown when the page is opened',
    ),
  ]
}
