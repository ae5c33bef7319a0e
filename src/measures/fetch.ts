import { type Attributes, type HrTime, SpanKind } from '@opentelemetry/api'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import type { IsLeftOut } from '../left-out.ts'

/** What is used of the instrumentation's inside (instrumentation-undici 0.300, undici.ts; the version is inlined). */
interface Upstream {
  getConfig(): { readonly isUnmeasured?: IsLeftOut }
  recordRequestDuration(attributes: Attributes, startTime: HrTime): void
}

const Base: new (config?: object) => Upstream = UndiciInstrumentation as unknown as new (config?: object) => Upstream

/** The instrumentation of `fetch`, with requests that are traced and not measured. */
export class MeasuringUndiciInstrumentation extends Base {
  override recordRequestDuration(attributes: Attributes, startTime: HrTime): void {
    if (this.getConfig().isUnmeasured?.(SpanKind.CLIENT, attributes) === true) return
    super.recordRequestDuration(attributes, startTime)
  }
}
