import { core, jetStream, setUpWith } from '../nats-steps.mjs'

export const service = 'nats-server'
export const packageName = '@nats-io/transport-node'
export const attributes = { 'messaging.system': 'nats' }
export const measure = 'messaging'

export async function setUp(load, env) {
  const { connect, headers } = (await load('@nats-io/transport-node')).default
  const { jetstream, jetstreamManager } = (await load('@nats-io/jetstream')).default
  return setUpWith({ connect, headers, jetstream, jetstreamManager, shop: 'store' }, env)
}

export const steps = { ...core, ...jetStream('store') }
