import { startAmqp } from '../support/services/amqp.ts'
import { startCassandra } from '../support/services/cassandra.ts'
import { startHrana } from '../support/services/hrana.ts'
import { startHttpPeers } from '../support/services/http-peers.ts'
import { startKafka } from '../support/services/kafka.ts'
import { startMariadb } from '../support/services/mariadb.ts'
import { startMemcached } from '../support/services/memcached.ts'
import { startMongodb } from '../support/services/mongodb.ts'
import { startMosquitto } from '../support/services/mosquitto.ts'
import { startNats } from '../support/services/nats.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startRedis } from '../support/services/redis.ts'
import type { Service } from '../support/services/service.ts'
import { startSqlServer } from '../support/services/sql-server.ts'

/** Services by the name that scenarios call them by; each is started once, when the first scenario asks for it. */
const STARTS: Readonly<Record<string, () => Promise<Service | undefined>>> = {
  amqp: startAmqp,
  cassandra: startCassandra,
  hrana: startHrana,
  'http-peers': startHttpPeers,
  kafka: startKafka,
  mariadb: startMariadb,
  memcached: startMemcached,
  mongodb: startMongodb,
  mosquitto: startMosquitto,
  nats: startNats,
  postgres: startPostgres,
  redis: startRedis,
  'sql-server': startSqlServer,
}

const started = new Map<string, Promise<Service | undefined>>()

/** The environment that tells where they are; undefined when one of them is not installed. */
export async function startServices(names: readonly string[]): Promise<Record<string, string> | undefined> {
  const env: Record<string, string> = {}
  for (const name of names) {
    const start = STARTS[name]
    if (start === undefined) throw new Error(`there is no service "${name}"`)
    if (!started.has(name)) started.set(name, start())
    const service = await started.get(name)
    if (service === undefined) return undefined
    Object.assign(env, service.env)
  }
  return env
}

export async function stopServices(): Promise<void> {
  const services = await Promise.all(started.values())
  await Promise.all(services.map((service) => service?.stop()))
}
