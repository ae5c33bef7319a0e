import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Guard } from '../base/guard.ts'

/**
 * Subscribes to a diagnostics channel. Node.js turns an exception in a subscriber into an uncaught exception, which
 * would end the app; here, it is logged in one line per channel. Returns a function that ends the subscription.
 */
export function listen<Message>(name: string, onMessage: (message: Message) => void): () => void {
  const guard = new Guard(`handling a message of the channel "${name}"`, 'the app is not affected')
  const guarded = (message: unknown): void => {
    guard.run(() => onMessage(message as Message))
  }
  subscribe(name, guarded)
  return () => void unsubscribe(name, guarded)
}
