// packages: amqplib
// services: amqp
export default async function ({ loadDefault, load, say, attempt, env }) {
  const amqp = await loadDefault('amqplib')
  say('exports', Object.keys(amqp), amqp.connect)
  const url = `amqp://127.0.0.1:${env.AMQP_PORT}`
  const connection = await amqp.connect(url)
  say(
    'connection',
    Object.getOwnPropertySymbols(connection.connection ?? connection)
      .map(String)
      .filter((name) => name.includes('otel')),
  )
  const channel = await connection.createChannel()
  say(
    'methods',
    ...['publish', 'sendToQueue', 'consume', 'ack', 'nack', 'reject', 'ackAll', 'nackAll', 'emit'].map(
      (name) => channel[name],
    ),
  )
  await attempt('queue', () => channel.assertQueue('orders'))
  const options = Object.freeze({ messageId: 'm1', headers: Object.freeze({ a: 1 }) })
  const shared = { headers: { b: 2 } }
  const received = []
  let arrived
  const consumed = channel.consume(
    'orders',
    function (message) {
      received.push(message)
      const { traceparent, ...headers } = message.properties.headers
      say('message', String(message.content), headers, message.properties.messageId, arguments.length)
      say('own keys', Reflect.ownKeys(message).map(String))
      arrived?.()
    },
    Object.freeze({ noAck: false }),
  )
  await attempt('consume', () => consumed)
  const next = async (work) => {
    const arrival = new Promise((resolve) => (arrived = resolve))
    await attempt('published', work)
    await arrival
  }
  await next(() => channel.publish('', 'orders', Buffer.from('frozen'), options))
  await next(() => channel.sendToQueue('orders', Buffer.from('shared'), shared))
  say('inputs', options, shared)
  await next(() => channel.publish('', 'orders', Buffer.from('no options')))
  await attempt('ack', () => channel.ack(received[0]))
  await attempt('nack', () => channel.nack(received[1], false, false))
  await attempt('reject', () => channel.reject(received[2], false))
  await attempt('ack nothing', () => channel.ack())
  await attempt('wrong content', () => channel.publish('', 'orders', 'text'))
  await attempt('wrong header', () =>
    channel.publish('', 'orders', Buffer.from('x'), { headers: { bad: Symbol('x') } }),
  )
  await attempt('wrong expiration', () => channel.publish('', 'orders', Buffer.from('x'), { messageId: 5 }))
  say('listeners', channel.eventNames().map(String), connection.eventNames().map(String))
  await attempt('closed', () => channel.close())
  await attempt('publish after close', () => channel.publish('', 'orders', Buffer.from('late')))
  await connection.close()
  const callbacks = await loadDefault('amqplib/callback_api').catch(() => loadDefault('amqplib/callback_api.js'))
  await new Promise((resolve) => {
    callbacks.connect(url, function (error, connected) {
      say('by callback', error, arguments.length, typeof connected.createChannel)
      connected.close(resolve)
    })
  })
  await attempt('refused', () => amqp.connect('amqp://127.0.0.1:1').catch(({ code }) => code))
}
