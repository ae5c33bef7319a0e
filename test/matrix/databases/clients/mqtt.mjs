import { called, failing } from '../support.mjs'

export const service = 'mosquitto'
export const attributes = { 'messaging.system': 'mqtt' }
export const measure = 'messaging'
export const metrics = ['messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']

export async function setUp(load, env) {
  const mqtt = (await load('mqtt')).default
  const options = { host: '127.0.0.1', port: Number(env.MQTT_PORT), protocolVersion: 5 }
  const client = mqtt.connect(options)
  await new Promise((resolve) => client.once('connect', resolve))
  await called((done) => client.subscribe('orders/#', done))
  const waiting = []
  client.on('message', (...message) => waiting.shift()?.(message))
  const next = () => new Promise((resolve) => waiting.push(resolve))
  return { mqtt, options, client, next }
}

const PUBLISH = { name: 'publish orders/*', kind: 'producer', attributes: { 'messaging.operation.type': 'send' } }
const PROCESS = { name: 'process orders/*', kind: 'consumer', parent: 'publish orders/*' }

export const steps = {
  'publish by callback and promise': {
    async run({ client, next }, mark) {
      for (const qos of [0, 1, 2]) {
        const message = next()
        const options = Object.freeze({ qos, properties: Object.freeze({ userProperties: Object.freeze({ mine: 'secret' }) }) })
        await called((done) => client.publish('orders/4711', 'secret', options, (...all) => (mark(`qos ${qos}`), done(...all))))
        const [, , packet] = await message
        if (packet.properties.userProperties.mine !== 'secret') throw new Error('other properties')
      }
      const message = next()
      client.publish('orders/4711', 'secret')
      await message
    },
    spans: [PUBLISH, PUBLISH, PUBLISH, PUBLISH, PROCESS, PROCESS, PROCESS, PROCESS],
  },
  errors: {
    async run({ mqtt, options }) {
      const client = mqtt.connect(options)
      await new Promise((resolve) => client.once('connect', resolve))
      await called((done) => client.end(done))
      await failing(called((done) => client.publish('orders/4711', 'secret', done)))
    },
    spans: [{ ...PUBLISH, error: 'Error' }],
  },
}
