/** What a pool of connections is, at the moment. */
export interface PoolState {
  /** `db.client.connection.pool.name`. */
  readonly name: string
  readonly used: number
  readonly idle: number
  /** Who waits for a connection. Undefined: not known. */
  readonly pending: number | undefined
  /** Undefined: not known, or without a limit. */
  readonly max?: number | undefined
}

/** How the pools of one client are found and read. */
export interface PoolReader {
  /** Files of the package of which each may define the pool, none: its main one. `create` makes of its exports such as call `found`. */
  readonly packageName: string
  readonly files: readonly string[]
  readonly create: (exports: any, found: (pool: object) => void) => unknown
  /** Undefined: it is closed, or not open yet. */
  readonly read: (pool: any) => PoolState | undefined
}
