import { type Context, type Span, trace } from '@opentelemetry/api'
import { type RPCMetadata, setRPCMetadata } from '@opentelemetry/core'

const keys: symbol[] = []
const recorder: Context = {
  getValue: () => undefined,
  setValue(key) {
    keys.push(key)
    return recorder
  },
  deleteValue: () => recorder,
}
trace.setSpan(recorder, {} as Span)
setRPCMetadata(recorder, {} as RPCMetadata)

const [span = Symbol(), metadata = Symbol()] = keys

/** The key under which the API stores the span. */
export const SPAN_KEY: symbol = span
/** The key under which the core package stores RPC metadata, which frameworks set. */
export const RPC_METADATA: symbol = metadata
