import type { IsIgnored } from '../../sampling/ignore-rules.ts'

/** The options for incoming requests: `OBS_INSTRUMENTATION_HTTP_…`, and settings with variables of their own. */
export interface HttpConfig {
  readonly bodySizes?: boolean
  readonly disableIncomingRequestInstrumentation?: boolean
  readonly enableSyntheticSourceDetection?: boolean
  readonly headersToSpanAttributes?: {
    readonly client?: { readonly requestHeaders?: readonly string[]; readonly responseHeaders?: readonly string[] }
    readonly server?: { readonly requestHeaders?: readonly string[]; readonly responseHeaders?: readonly string[] }
  }
  readonly redactedQueryParamsServer?: readonly string[]
  readonly requireParentforIncomingSpans?: boolean
  readonly ignoreIncomingRequestHook?: (request: { readonly url?: string | undefined }) => boolean
  /** Matches requests that are traced but not measured. */
  readonly isUnmeasured?: IsIgnored
  /** By default, the methods of the semantic conventions. */
  readonly knownMethods?: readonly string[]
}

export interface ServerConfig extends HttpConfig {
  readonly redactedQuery: ReadonlySet<string> | undefined
}

export function serverConfig(config: HttpConfig): ServerConfig {
  const { redactedQueryParamsServer: names } = config
  return { ...config, redactedQuery: names === undefined ? undefined : new Set(names) }
}
