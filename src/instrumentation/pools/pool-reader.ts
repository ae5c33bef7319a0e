/** The current state of a connection pool. */
export interface PoolState {
  /** `db.client.connection.pool.name`. */
  readonly name: string
  readonly used: number
  readonly idle: number
  /** The number of requests that wait for a connection; undefined if it is unknown. */
  readonly pending: number | undefined
  /** Undefined if it is unknown or unlimited. */
  readonly max?: number | undefined
}

/** Describes how the pools of one client are found and read. */
export interface PoolReader {
  /**
   * `files` are the files of the package that may define the pool; by default its main module. `create` wraps their
   * exports so that `found` is called with each pool.
   */
  readonly packageName: string
  readonly files: readonly string[]
  readonly create: (exports: any, found: (pool: object) => void) => unknown
  /** Returns undefined for a pool that is closed or not open yet. */
  readonly read: (pool: any) => PoolState | undefined
}
