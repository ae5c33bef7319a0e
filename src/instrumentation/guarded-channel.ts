import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { reasonOf, warn } from '../base/diag.ts'

/**
 * Subscribes to a diagnostics channel. Node.js turns an exception in a subscriber into an uncaught exception, which
 * would end the app; here, it is logged in one line per channel. Returns a function that ends the subscription.
 */
export function listen<Message>(name: string, onMessage: (message: Message) => void): () => void {
  let hasFailed = false
  const guarded = (message: unknown): void => {
    try {
      onMessage(message as Message)
    } catch (thrown) {
      if (!hasFailed) warn(`a message of the channel "${name}" could not be handled: ${reasonOf(thrown)}`)
      hasFailed = true
    }
  }
  subscribe(name, guarded)
  return () => void unsubscribe(name, guarded)
}
