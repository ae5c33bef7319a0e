import type { ClientCall } from './client-call.ts'
import { Stamped } from './stamp.ts'

/** Associates a client request, response or stream with its call. */
export class CallOf extends Stamped {
  #call: ClientCall

  constructor(message: object, call: ClientCall) {
    super(message)
    this.#call = call
  }

  static of(message: object): ClientCall | undefined {
    return #call in message ? message.#call : undefined
  }

  static set(message: object, call: ClientCall): void {
    if (#call in message) message.#call = call
    // oxlint-disable-next-line no-new -- puts it on the message
    else new CallOf(message, call)
  }
}
