// packages: mqtt
// services: mosquitto
// differs: user properties that arrive -- the trace context travels in the user properties of MQTT 5
import { EventEmitter } from 'node:events'

/** Topics of this process: another scenario may run beside it. */
const root = `of-${process.pid}`
const shown = (topic) => topic.replace(`${root}/`, '')

export default async function ({ loadDefault, load, say, attempt, env }) {
  const exports = (await loadDefault('mqtt')) ?? (await load('mqtt'))
  const { connect, MqttClient } = exports
  say('functions', connect, MqttClient.prototype.publish, MqttClient.prototype.subscribe, MqttClient.prototype.emit)
  for (const protocolVersion of [5, 4]) {
    const options = { host: '127.0.0.1', port: Number(env.MQTT_PORT), protocolVersion, reconnectPeriod: 0 }
    await session(connect(options), protocolVersion, { say, attempt })
  }
  const refused = connect({ host: '127.0.0.1', port: 1, reconnectPeriod: 0 })
  await new Promise((resolve) => refused.on('error', ({ code, message }) => resolve(say('refused', code, message))))
  refused.end(true)
}

async function session(client, version, { say, attempt }) {
  const what = (name) => `${version}: ${name}`
  await new Promise((resolve) => client.once('connect', resolve))
  say(what('client'), client instanceof EventEmitter, client.eventNames().map(String).toSorted(), client.emit.length)
  await attempt(
    what('subscribe'),
    () =>
      new Promise((resolve) =>
        client.subscribe(`${root}/orders/#`, (error, granted) =>
          resolve([error, granted.map((each) => ({ ...each, topic: shown(each.topic) }))]),
        ),
      ),
  )
  const waiting = []
  const listener = function (...message) {
    waiting.shift()?.([message, this === client, arguments.length])
  }
  client.on('message', listener)
  say(what('listeners'), client.listeners('message')[0] === listener, client.listenerCount('message'))
  const next = () => new Promise((resolve) => waiting.push(resolve))
  const show = ([[topic, payload, packet], isClient, length]) => {
    const { userProperties, ...rest } = packet.properties ?? {}
    const { traceparent, tracestate, ...own } = userProperties ?? {}
    say(what('message'), shown(topic), String(payload), packet.qos, packet.retain, rest, own, isClient, length)
    if (version === 5) say('user properties that arrive', Object.keys(userProperties ?? {}))
  }
  const userProperties = Object.freeze({ mine: 'a' })
  const options = Object.freeze({ qos: 1, properties: Object.freeze({ contentType: 'text', userProperties }) })
  for (const give of [
    (done) => client.publish(`${root}/orders/1`, 'text', options, done),
    (done) => client.publish(`${root}/orders/1`, Buffer.from('bytes'), done),
    (done) => client.publish(`${root}/orders/1`, '', { qos: 2 }, done),
  ]) {
    const message = next()
    await attempt(
      what('published'),
      () =>
        new Promise((resolve) => {
          const returned = give(function done(...all) {
            resolve([all[0], all.length])
          })
          say(what('returns'), returned === client)
        }),
    )
    show(await message)
  }
  const message = next()
  say(what('without a callback'), client.publish(`${root}/orders/1`, 'text') === client)
  show(await message)
  say(what('options'), options, client.listenerCount('message'))
  if (client.publishAsync) {
    await attempt(what('by promise'), () =>
      client.publishAsync(`${root}/others/1`, 'x').then((packet) => typeof packet),
    )
  }
  const once = next()
  client.removeListener('message', listener)
  client.once('message', listener)
  client.publish(`${root}/orders/2`, 'once')
  show(await once)
  say(what('after once'), client.listenerCount('message'))
  client.handleMessage = function handled(packet, done) {
    say(what('handled'), shown(packet.topic), arguments.length)
    done()
  }
  const handled = new Promise((resolve) => client.once('message', (topic) => resolve(shown(topic))))
  client.publish(`${root}/orders/3`, 'handled')
  say(what('then'), await handled)
  await attempt(what('end'), () => new Promise((resolve) => client.end((...all) => resolve(all.length))))
}
