import { context } from '@opentelemetry/api'

/**
 * A callback that waits in a pool or a queue, so that it runs in the context of whoever asked, and not of whoever opened the connection
 * that answers it. What is no function stays as it is.
 */
export function boundToCaller<Callback>(callback: Callback): Callback {
  return typeof callback === 'function' ? context.bind(context.active(), callback) : callback
}
