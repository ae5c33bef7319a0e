import type { Context } from '@opentelemetry/api'
import { getRPCMetadata, RPCType } from '@opentelemetry/core'

/** Names the route of the request that a span is part of, where nothing has named it: for routes that a framework's own spans tell. */
export function suggestRoute(of: Context, template: string): void {
  const metadata = getRPCMetadata(of)
  if (metadata?.type === RPCType.HTTP) metadata.route ??= template
}
