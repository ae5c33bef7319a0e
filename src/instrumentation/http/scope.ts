import { VERSION } from '../../base/version.ts'

/** The name that dashboards and queries know from upstream's instrumentation. */
export const SCOPE: { readonly name: string; readonly version: string } = {
  name: '@opentelemetry/instrumentation-http',
  version: VERSION,
}
