/** What a pool of connections is, at the moment. */
export interface PoolState {
  /** `db.client.connection.pool.name`. */
  readonly name: string
  readonly used: number
  readonly idle: number
  /** Who waits for a connection. */
  readonly pending: number
  /** Undefined: not known, or without a limit. */
  readonly max?: number | undefined
}

/** How the pools of one client are found and read. */
export interface PoolReader {
  /** Files of the package of which each may define the pool; `create` makes of its exports such as call `found`. */
  readonly packageName: string
  readonly files: readonly string[]
  readonly create: (exports: any, found: (pool: object) => void) => unknown
  /** Undefined: it is closed. */
  readonly read: (pool: any) => PoolState | undefined
}

/** By the instrumentation's short name. `pg` and `oracledb` tell of their pools themselves. */
export const POOLS: Readonly<Record<string, PoolReader>> = {
  mysql: {
    packageName: 'mysql',
    files: ['mysql/lib/Pool.js'],
    create: watchedFunction,
    read: mysqlPool,
  },
  mysql2: {
    packageName: 'mysql2',
    // Since 3.11 in the first.
    files: ['mysql2/lib/base/pool.js', 'mysql2/lib/pool.js'],
    create: watchedClass,
    read: mysqlPool,
  },
  mongodb: {
    packageName: 'mongodb',
    files: ['mongodb/lib/cmap/connection_pool.js'],
    create(exports, found) {
      exports.ConnectionPool = watchedClass(exports.ConnectionPool, found)
      return exports
    },
    read: (pool) =>
      pool.closed === true
        ? undefined
        : {
            name: String(pool.address),
            used: pool.currentCheckedOutCount,
            idle: pool.availableConnectionCount,
            pending: pool.waitQueueSize,
            max: pool.options?.maxPoolSize || undefined,
          },
  },
  redis: {
    packageName: '@redis/client',
    files: ['@redis/client/dist/lib/client/pool.js'],
    create(exports, found) {
      const { prototype } = exports.RedisClientPool
      const { connect } = prototype
      prototype.connect = function (...args: unknown[]) {
        found(this._self ?? this)
        return connect.apply(this, args)
      }
      return exports
    },
    read: (pool) =>
      pool.isOpen === true
        ? { name: 'redis', used: pool.clientsInUse, idle: pool.idleClients, pending: pool.tasksQueueLength }
        : undefined,
  },
  knex: {
    packageName: 'knex',
    files: ['knex/lib/client.js'],
    create(exports, found) {
      const { initializePool } = exports.prototype
      exports.prototype.initializePool = function (...args: unknown[]) {
        const result = initializePool.apply(this, args)
        if (this.pool) found(this)
        return result
      }
      return exports
    },
    read({ pool, connectionSettings: { host, port, database, filename } = {} as any }) {
      if (!pool) return undefined
      const place = host === undefined ? [] : [port === undefined ? host : `${host}:${port}`]
      return {
        name: [...place, ...[database ?? filename].filter((part) => typeof part === 'string')].join('/') || 'knex',
        used: pool.numUsed(),
        idle: pool.numFree(),
        pending: pool.numPendingAcquires(),
        max: pool.max,
      }
    },
  },
}

function mysqlPool(pool: any): PoolState | undefined {
  if (pool._closed === true) return undefined
  const { host, port, database, socketPath } = pool.config.connectionConfig
  const idle = pool._freeConnections.length
  return {
    name: `${socketPath ?? `${host}:${port}`}${database === undefined ? '' : `/${database}`}`,
    used: pool._allConnections.length - idle,
    idle,
    pending: pool._connectionQueue.length,
    max: pool.config.connectionLimit || undefined,
  }
}

type Class = new (...args: any[]) => object

function watchedClass(Pool: Class, found: (pool: object) => void): Class {
  const Watched = class extends Pool {
    constructor(...args: any[]) {
      super(...args)
      found(this)
    }
  }
  return Object.defineProperty(Watched, 'name', { value: Pool.name })
}

/** A constructor from before classes, which a class may not call. */
function watchedFunction(Pool: Class, found: (pool: object) => void): unknown {
  return new Proxy(Pool, {
    construct(target, args, newTarget: Class) {
      const pool = Reflect.construct(target, args, newTarget) as object
      found(pool)
      return pool
    },
  })
}
