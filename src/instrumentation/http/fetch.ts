import { type Attributes, type Context, type HrTime, SpanKind } from '@opentelemetry/api'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import type { IsLeftOut } from '../../sampling/left-out.ts'

/** What is used of the instrumentation's inside (instrumentation-undici 0.300, undici.ts; the version is inlined). */
interface Upstream {
  getConfig(): { readonly isUnmeasured?: IsLeftOut }
  /** `measuredIn`: the context with the request's span (`scripts/exemplar-changes.ts`). */
  recordRequestDuration(attributes: Attributes, startTime: HrTime, measuredIn: Context): void
}

const Base: new (config?: object) => Upstream = UndiciInstrumentation as unknown as new (config?: object) => Upstream

/** The instrumentation of `fetch`, with requests that are traced and not measured. */
export class MeasuringUndiciInstrumentation extends Base {
  override recordRequestDuration(attributes: Attributes, startTime: HrTime, measuredIn: Context): void {
    if (this.getConfig().isUnmeasured?.(SpanKind.CLIENT, attributes) === true) return
    super.recordRequestDuration(attributes, startTime, measuredIn)
  }
}
