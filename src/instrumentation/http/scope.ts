import { VERSION } from '../../base/version.ts'

/** The scope name of upstream's instrumentation, which dashboards and queries use. */
export const SCOPE: { readonly name: string; readonly version: string } = {
  name: '@opentelemetry/instrumentation-http',
  version: VERSION,
}
