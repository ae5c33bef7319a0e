import { type Context, type Span, trace } from '@opentelemetry/api'
import { type RPCMetadata, setRPCMetadata } from '@opentelemetry/core'

const keys: symbol[] = []
const noting: Context = {
  getValue: () => undefined,
  setValue(key) {
    keys.push(key)
    return noting
  },
  deleteValue: () => noting,
}
trace.setSpan(noting, {} as Span)
setRPCMetadata(noting, {} as RPCMetadata)

const [span = Symbol(), metadata = Symbol()] = keys

/** The key under which the API stores the span. */
export const SPAN_KEY: symbol = span
/** The key under which the core package stores RPC metadata, which frameworks set. */
export const RPC_METADATA: symbol = metadata
