import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api'
import type { PoolReader, PoolState } from './pool-reader.ts'

interface Known {
  readonly pool: WeakRef<object>
  readonly read: PoolReader['read']
}

/**
 * Reports `db.client.connection.*` of the existing pools, which are read during a collection: acquiring and releasing a
 * connection costs nothing. Semantic conventions, db/database-metrics.
 */
export class Pools {
  #known: Known[] = []
  readonly #seen = new WeakSet<object>()

  constructor(meter: Meter) {
    const gauge = (name: string, unit: string, description: string) =>
      meter.createObservableUpDownCounter(`db.client.connection.${name}`, { unit, description })
    const count = gauge('count', '{connection}', 'Connections by state.')
    const max = gauge('max', '{connection}', 'The most connections that the pool may open.')
    const pending = gauge('pending_requests', '{request}', 'Requests that wait for a connection.')
    meter.addBatchObservableCallback(
      (result: BatchObservableResult) => {
        for (const { name, used, idle, pending: waiting, max: limit } of this.#states()) {
          const attributes: Attributes = { 'db.client.connection.pool.name': name }
          result.observe(count, used, { ...attributes, 'db.client.connection.state': 'used' })
          result.observe(count, idle, { ...attributes, 'db.client.connection.state': 'idle' })
          if (waiting !== undefined) result.observe(pending, waiting, attributes)
          if (limit !== undefined) result.observe(max, limit, attributes)
        }
      },
      [count, max, pending],
    )
  }

  add(pool: object, read: PoolReader['read']): void {
    if (this.#seen.has(pool)) return
    this.#seen.add(pool)
    this.#known.push({ pool: new WeakRef(pool), read })
  }

  /** Pools for the same address are reported as one. */
  #states(): Iterable<PoolState> {
    const byName = new Map<string, PoolState>()
    const alive: Known[] = []
    for (const known of this.#known) {
      const pool = known.pool.deref()
      if (pool === undefined) continue
      alive.push(known)
      const state = stateOf(pool, known.read)
      if (state === undefined) continue
      const other = byName.get(state.name)
      byName.set(state.name, other === undefined ? state : sum(other, state))
    }
    this.#known = alive
    return byName.values()
  }
}

/** A pool whose structure is unexpected is omitted. */
function stateOf(pool: object, read: PoolReader['read']): PoolState | undefined {
  try {
    const state = read(pool)
    const isNumeric = state !== undefined && [state.used, state.idle, state.pending ?? 0].every(Number.isFinite)
    return isNumeric ? state : undefined
  } catch {
    return undefined
  }
}

function sum(a: PoolState, b: PoolState): PoolState {
  return {
    name: a.name,
    used: a.used + b.used,
    idle: a.idle + b.idle,
    pending: both(a.pending, b.pending),
    max: both(a.max, b.max),
  }
}

function both(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b
}
