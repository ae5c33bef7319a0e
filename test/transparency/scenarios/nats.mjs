// packages: nats
// services: nats
// differs: headers that arrive -- the trace context travels in the headers of a message
export default async function ({ load, loadDefault, say, attempt, env }) {
  const nats = (await load('nats')).connect ? await load('nats') : await loadDefault('nats')
  const { connect, headers, StringCodec } = nats
  say('functions', connect, headers, nats.JSONCodec)
  const connection = await connect({ servers: env.NATS_URL })
  const prototype = Object.getPrototypeOf(connection)
  say(
    'connection',
    prototype.publish,
    prototype.request,
    prototype.subscribe,
    prototype.requestMany,
    Object.keys(connection).toSorted(),
  )
  const { encode, decode } = StringCodec()
  const shown = (message) => ({
    subject: message.subject.replace(/^_INBOX\..*/, 'a reply'),
    text: decode(message.data),
    mine: message.headers?.get('mine') || undefined,
    class: message.constructor.name,
  })
  const arrived = (message) => say('headers that arrive', message.headers?.keys())
  const got = []
  const next = () => new Promise((resolve) => got.push(resolve))
  const callback = Object.freeze(function callback(error, message) {
    got.shift()?.([error, message, arguments.length])
  })
  const options = Object.freeze({ callback, queue: 'q' })
  const subscription = connection.subscribe('orders.*', options)
  say(
    'subscription',
    Object.keys(subscription).toSorted(),
    subscription.getSubject(),
    subscription.queue,
    subscription.unsubscribe,
  )
  say('same callback', options.callback === callback)
  await connection.flush()
  const own = headers()
  own.append('mine', 'a')
  own.append('mine', 'b')
  for (const give of [
    () => connection.publish('orders.1', encode('text'), { headers: own }),
    () => connection.publish('orders.2'),
    () => connection.publish('orders.3', 'as text'),
  ]) {
    const message = next()
    await attempt('published', give)
    const [error, received, length] = await message
    say('message', error, shown(received), length)
    arrived(received)
  }
  say('own headers', own.keys(), own.values('mine'))
  await attempt('no subject', () => connection.publish(''))
  await attempt('subject of nothing', () => connection.publish(undefined))
  await attempt('subscribed to nothing', () => connection.subscribe(''))
  const iterated = connection.subscribe('iterated', Object.freeze({ max: 2 }))
  say('iterated', Object.keys(iterated).toSorted(), typeof iterated.callback, iterated.getProcessed())
  connection.publish('iterated', encode('1'))
  connection.publish('iterated', encode('2'))
  for await (const message of iterated) say('in the loop', shown(message), iterated.getProcessed())
  connection.subscribe('echo', {
    callback: (error, message) => say('responded', message.respond(encode(`${decode(message.data)}!`))),
  })
  await attempt('request', async () => shown(await connection.request('echo', encode('a'))))
  await attempt('request with options', async () =>
    shown(await connection.request('echo', encode('b'), { timeout: 1000, headers: own, noMux: true })),
  )
  await attempt('nobody answers', async function asks() {
    return await connection.request('nobody', encode('x'), { timeout: 1000 })
  })
  if (connection.requestMany) {
    await attempt('many answers', async () => {
      const answers = []
      for await (const message of await connection.requestMany('echo', encode('c'), {
        strategy: 'count',
        maxMessages: 1,
      }))
        answers.push(shown(message))
      return answers
    })
  }
  await connection.flush()
  say('goes on', connection.isClosed(), connection.stats().outMsgs)
  subscription.unsubscribe()
  await connection.drain()
  await attempt('after the end', () => connection.publish('orders.1'))
  await attempt('refused', () =>
    connect({ servers: '127.0.0.1:1', reconnect: false }).catch(({ code, name }) => [name, code]),
  )
}
