import { core, jetStream, lastly, setUpWith } from '../nats-steps.mjs'

export const service = 'nats'
export const attributes = { 'messaging.system': 'nats' }
export const measure = 'messaging'
export const metrics = ['messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']

const jetstreamOf = {
  jetstream: (connection) => connection.jetstream(),
  jetstreamManager: (connection) => connection.jetstreamManager(),
}

export async function setUp(load, env) {
  const { connect, headers } = (await load('nats')).default
  return setUpWith({ connect, headers, ...jetstreamOf, shop: 'shop' }, env)
}

const { JetStream } = jetStream('shop')

export const steps = {
  ...core,
  // The first version has no consumers.
  JetStream: { ...JetStream, isNew: true },
  ...lastly,
}
