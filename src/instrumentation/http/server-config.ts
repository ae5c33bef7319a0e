import type { IsIgnored } from '../../sampling/ignore-rules.ts'

/** What is configured of incoming requests: `OBS_INSTRUMENTATION_HTTP_…` and the settings that have a variable of their own. */
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
  /** Requests that are traced alone. */
  readonly isUnmeasured?: IsIgnored
  /** Whether another instrumentation has a package to watch in this process. */
  readonly isActive?: (instrumentation: string) => boolean
  /** Those of the semantic conventions, if undefined. */
  readonly knownMethods?: readonly string[]
}

export interface ServerConfig extends HttpConfig {
  readonly redactedQuery: ReadonlySet<string> | undefined
}

export function serverConfig(config: HttpConfig): ServerConfig {
  const { redactedQueryParamsServer: names } = config
  return { ...config, redactedQuery: names === undefined ? undefined : new Set(names) }
}
