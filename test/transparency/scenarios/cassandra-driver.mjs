// packages: cassandra-driver
// services: cassandra
export default async function ({ loadDefault, say, attempt, env }) {
  const cassandra = await loadDefault('cassandra-driver')
  const { Client } = cassandra
  say(
    'functions',
    Client,
    Client.prototype.execute,
    Client.prototype.batch,
    Client.prototype.stream,
    Client.prototype.eachRow,
    Client.prototype._execute,
  )
  const client = new Client({
    contactPoints: [`127.0.0.1:${env.CASSANDRA_PORT}`],
    localDataCenter: 'datacenter1',
    isMetadataSyncEnabled: false,
  })
  say('client', client.eventNames().map(String))
  await attempt('connected', () => client.connect())
  const params = Object.freeze(['a'])
  const options = Object.freeze({ fetchSize: 10 })
  await attempt('promise', () =>
    client.execute('SELECT * FROM things WHERE name = ?', params, options).then(({ rowLength }) => [rowLength]),
  )
  await attempt(
    'callback',
    () =>
      new Promise((resolve) => {
        const returned = client.execute('SELECT * FROM things', function called(...given) {
          resolve([given[0], given.length, returned])
        })
      }),
  )
  await attempt('refused', async function repository() {
    return await client.execute("INSERT INTO things (id) VALUES ('x')")
  })
  await attempt(
    'refused in a callback',
    () =>
      new Promise((resolve) =>
        client.execute("INSERT INTO things (id) VALUES ('x')", [], {}, (error) =>
          resolve([error.name, error.message, error.code]),
        ),
      ),
  )
  await attempt('no statement', () => client.execute())
  await attempt('batch of nothing', () => client.batch([]))
  await attempt(
    'streamed',
    () =>
      new Promise((resolve, reject) => {
        const stream = client.stream('SELECT * FROM things', [])
        say('stream', stream.eventNames().map(String), stream.readableFlowing)
        stream
          .on('error', reject)
          .on('end', () => resolve('ended'))
          .on('readable', () => stream.read())
      }),
  )
  await attempt(
    'each row',
    () =>
      new Promise((resolve) =>
        client.eachRow(
          'SELECT * FROM things',
          [],
          () => {},
          (error, result) => resolve([error, result?.rowLength]),
        ),
      ),
  )
  await attempt('shut down', () => client.shutdown())
  await attempt('after the end', () => client.execute('SELECT 1'))
}
