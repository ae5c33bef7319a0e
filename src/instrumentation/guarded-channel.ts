import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { reasonOf, warn } from '../base/diag.ts'

/**
 * Listens to a diagnostics channel. Node turns what a subscriber throws into an uncaught exception, which would end the app:
 * here it becomes one line on stderr for each channel. Returns what ends the subscription.
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
