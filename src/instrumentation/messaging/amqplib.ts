import { AmqplibInstrumentation } from '@opentelemetry/instrumentation-amqplib'
import { copyOrNew } from '../copied.ts'

interface PublishOptions {
  readonly headers?: object
}

/** What is used of the instrumentation's inside (instrumentation-amqplib 0.300; the version is inlined). */
interface Upstream {
  createPublishSpan(
    self: unknown,
    exchange: unknown,
    routingKey: unknown,
    channel: unknown,
    options: PublishOptions | undefined,
  ): object
  endConsumerSpan(message: unknown, ...how: unknown[]): void
}

const Base: new (config?: object) => Upstream = AmqplibInstrumentation as unknown as new (config?: object) => Upstream

/** The instrumentation of amqplib that writes trace headers into a copy of the options of a message. */
export class TransparentAmqplibInstrumentation extends Base {
  override createPublishSpan(
    self: unknown,
    exchange: unknown,
    routingKey: unknown,
    channel: unknown,
    options: PublishOptions | undefined,
  ): object {
    const copy = copyOrNew(options, { headers: copyOrNew(options?.headers, {}) })
    return super.createPublishSpan(self, exchange, routingKey, channel, copy)
  }

  /** `ack()` without a message is amqplib's to refuse. */
  override endConsumerSpan(message: unknown, ...how: unknown[]): void {
    if (typeof message === 'object' && message !== null) super.endConsumerSpan(message, ...how)
  }
}
