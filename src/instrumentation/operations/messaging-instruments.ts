import type { Counter, Histogram, Meter } from '@opentelemetry/api'

/** Semantic conventions, messaging/messaging-metrics. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

export interface MessagingInstruments {
  readonly meter: Meter
  readonly durations: Histogram
  readonly processed: Histogram
  readonly sent: Counter
  readonly consumed: Counter
}

export function messagingInstruments(meter: Meter): MessagingInstruments {
  const duration = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: BOUNDARIES } })
  const count = (name: string, description: string): Counter =>
    meter.createCounter(name, { unit: '{message}', description })
  return {
    meter,
    durations: duration('messaging.client.operation.duration', 'Duration of operations of a messaging client.'),
    processed: duration('messaging.process.duration', 'Duration of processing a message.'),
    sent: count('messaging.client.sent.messages', 'Messages that the client tried to send.'),
    consumed: count('messaging.client.consumed.messages', 'Messages that were delivered to the app.'),
  }
}
