import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BatchObservableCallback, createNoopMeter, type Observable } from '@opentelemetry/api'
import { CLIENTS } from '../../../../scripts/client-descriptors.ts'
import { Pools } from '../../../../src/instrumentation/pools/pools.ts'

interface Watched {
  /** What the app gets of a module's exports. */
  readonly patch: (exports: object) => any
  /** By pool, metric and state. */
  readonly observed: () => Record<string, number>
}

function watched(name: string): Watched {
  const reader = [...CLIENTS.values()]
    .flatMap(({ pools = [] }) => pools)
    .find(({ packageName }) => packageName === name)
  assert.ok(reader, name)
  const metrics = new Map<unknown, string>()
  let collect: BatchObservableCallback | undefined
  const meter = Object.assign(Object.create(createNoopMeter()), {
    createObservableUpDownCounter(metric: string) {
      const instrument = {} as Observable
      metrics.set(instrument, metric.replace('db.client.connection.', ''))
      return instrument
    },
    addBatchObservableCallback: (added: BatchObservableCallback) => (collect = added),
  })
  const pools = new Pools(meter)
  return {
    patch: (exports) => reader.create(exports, (pool) => pools.add(pool, reader.read)),
    observed() {
      const all: Record<string, number> = {}
      void collect?.({
        observe(instrument, value, attributes = {}) {
          const pool = attributes['db.client.connection.pool.name']
          const state = attributes['db.client.connection.state'] ?? ''
          all[`${pool} ${metrics.get(instrument)} ${state}`.trim()] = value
        },
      })
      return all
    },
  }
}

/** Written as mysql 2 writes it. */
function Pool(this: any, options: object): void {
  Object.assign(this, options, { _allConnections: [1, 2, 3], _freeConnections: [3], _connectionQueue: [1] })
}
Pool.prototype.getConnection = () => {}

test("mysql: a pool's current state, until it is closed", () => {
  const { patch, observed } = watched('mysql')
  const Patched = patch(Pool)
  assert.equal(Patched, Pool)
  const config = { connectionLimit: 10, connectionConfig: { host: 'db', port: 3306, database: 'shop' } }
  const pool: any = Reflect.construct(Patched, [{ config }])
  pool.getConnection()
  assert.deepEqual(observed(), {
    'db:3306/shop count used': 2,
    'db:3306/shop count idle': 1,
    'db:3306/shop pending_requests': 1,
    'db:3306/shop max': 10,
  })
  pool._freeConnections.push(1)
  assert.equal(observed()['db:3306/shop count used'], 1)
  const other: any = Reflect.construct(Patched, [{ config: { ...config, connectionLimit: 0 } }])
  other.getConnection()
  assert.equal(observed()['db:3306/shop count used'], 3)
  assert.equal(observed()['db:3306/shop max'], undefined, 'one of them has no limit')
  pool._closed = other._closed = true
  assert.deepEqual(observed(), {})
})

test('mysql2: a subclass of the pool is found too', () => {
  const { patch, observed } = watched('mysql2')
  class BasePool {
    readonly config = { connectionLimit: 5, connectionConfig: { socketPath: '/run/mysql' } }
    readonly _allConnections = [1]
    readonly _freeConnections = [1]
    readonly _connectionQueue = []
    getConnection(callback: () => void): void {
      callback()
    }
  }
  const Patched = patch(BasePool) as typeof BasePool
  assert.equal(Patched, BasePool)
  assert.deepEqual([Patched.prototype.getConnection.name, Patched.prototype.getConnection.length], ['getConnection', 1])
  const Pool = patch(class Pool extends Patched {}) as typeof BasePool
  const pool = new Pool()
  pool.getConnection(() => {})
  assert.equal(observed()['/run/mysql count idle'], pool._freeConnections.length)
})

test('knex: the pool that a client makes', () => {
  const { patch, observed } = watched('knex')
  class Client {
    pool: object | undefined
    readonly connectionSettings = { host: 'db', port: 5432, database: 'shop', password: 'secret' }
    initializePool(): void {
      this.pool = { numUsed: () => 1, numFree: () => 2, numPendingAcquires: () => 3, max: 4 }
    }
  }
  patch(Client)
  const client = new Client()
  client.initializePool()
  assert.deepEqual(observed(), {
    'db:5432/shop count used': 1,
    'db:5432/shop count idle': 2,
    'db:5432/shop pending_requests': 3,
    'db:5432/shop max': 4,
  })
  client.pool = undefined
  assert.deepEqual(observed(), {})
})

test('mssql: the pool of tarn while it is connected', () => {
  const { patch, observed } = watched('mssql')
  class ConnectionPool {
    readonly config = { server: 'db', database: 'shop', password: 'secret' }
    pool: object | null = null
    connect(): void {}
  }
  assert.equal(patch(ConnectionPool), ConnectionPool)
  const pool = new (class extends ConnectionPool {})()
  pool.connect()
  assert.deepEqual(observed(), {})
  pool.pool = { numUsed: () => 1, numFree: () => 2, numPendingAcquires: () => 3, max: 4 }
  assert.deepEqual(observed(), {
    'db:1433/shop count used': 1,
    'db:1433/shop count idle': 2,
    'db:1433/shop pending_requests': 3,
    'db:1433/shop max': 4,
  })
})

test('cassandra-driver: a connection with requests is in use, and the number of waiting requests is unknown', () => {
  const { patch, observed } = watched('cassandra-driver')
  class HostConnectionPool {
    readonly _address = '10.0.0.1:9042'
    readonly coreConnectionsLength = 2
    readonly connections = [{ getInFlight: () => 7 }, { getInFlight: () => 0 }]
    isClosed = false
    borrowConnection(): void {}
    isClosing(): boolean {
      return this.isClosed
    }
  }
  assert.equal(patch(HostConnectionPool), HostConnectionPool)
  const pool = new HostConnectionPool()
  pool.borrowConnection()
  assert.deepEqual(observed(), {
    '10.0.0.1:9042 count used': 1,
    '10.0.0.1:9042 count idle': 1,
    '10.0.0.1:9042 max': 2,
  })
  pool.isClosed = true
  assert.deepEqual(observed(), {})
})

const NODES: readonly (readonly [node: unknown, name: string])[] = [
  [7000, '127.0.0.1:7000'],
  [{ host: 'a' }, 'a:6379'],
  ['b:7001', 'b:7001'],
  ['rediss://user:secret@c', 'c:6379'],
]

test('ioredis: a cluster is named by its first node, without credentials', () => {
  for (const [node, name] of NODES) {
    const { patch, observed } = watched('ioredis')
    class Cluster {
      readonly status = 'ready'
      readonly startupNodes = [node]
      readonly offlineQueue = { length: 1 }
      connect(): void {}
      nodes(): object[] {
        return [{ status: 'ready', commandQueue: { length: 2 }, offlineQueue: { length: 1 } }]
      }
    }
    assert.equal(patch({ default: Cluster }).default, Cluster)
    const cluster = new Cluster()
    cluster.connect()
    assert.deepEqual(observed(), {
      [`${name} count used`]: 1,
      [`${name} count idle`]: 0,
      [`${name} pending_requests`]: 2,
    })
  }
})

test('a pool with an unexpected structure is omitted', () => {
  const { patch, observed } = watched('mongodb')
  const exports = patch({
    ConnectionPool: class {
      readonly address = 'db:27017'
      ready(): void {}
    },
  })
  const pool = new exports.ConnectionPool()
  pool.ready()
  assert.deepEqual([observed(), pool.address], [{}, 'db:27017'])
})
