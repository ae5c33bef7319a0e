import { labelled } from './labelled.ts'
import type { MemberLabel } from './labelled.ts'
import { merge, mergeSliced } from './merge.ts'
import { runSliced } from '../sdk/sliced-task.ts'
import { superseded, withRetired } from './retired.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'
import { untilQuiet } from './timers.ts'

/** With the default timeout of 250 ms a scrape takes at most two seconds; Prometheus waits for ten. */
const MOST_TIMEOUTS = 8

export interface GroupOptions {
  /** The name of the label that distinguishes members. */
  readonly label: MemberLabel['name']
  /**
   * How long to wait for an answer, after the question or after the last answer of another member. A member that has
   * not answered by then counts with its last values.
   */
  readonly timeoutMs: number
  /** Whether every metric is served per member, not only gauges without a rule. */
  readonly everyMemberApart: boolean
}

/** Asks a member for its metrics: a process over a socket, or a thread over a channel. */
export type CollectMember = () => Promise<Snapshot>

export interface GroupMember {
  /** The number of the member in the group. It is the smallest free one, so that a replacement continues its series. */
  readonly slot: number
  /** The last snapshot of the member. */
  readonly last: Snapshot
  /**
   * Removes the member and keeps its counters in the sum. `last` is its final snapshot; by default the last one
   * received.
   */
  readonly leave: (last?: Snapshot) => void
  /** Removes the member without keeping its counters, because it will join again over another connection. */
  readonly forget: () => void
}

export interface CollectedGroup {
  readonly snapshot: Snapshot
  readonly members: number
  /** The number of members that did not answer in time. */
  readonly missing: number
}

interface MemberState {
  readonly slot: number
  readonly ask: CollectMember
  last: Snapshot
}

/** Several processes, or several threads of one process, that are scraped as one. */
export class Group {
  readonly #options: GroupOptions
  readonly #members = new Map<number, MemberState>()
  #retired: Snapshot = []

  constructor(options: GroupOptions) {
    this.#options = options
  }

  /** The summed counters of members that have ended. */
  get retired(): Snapshot {
    return this.#retired
  }

  /** Sets the counters of members that ended before this group was created. */
  restore(retired: Snapshot): void {
    this.#retired = retired
  }

  /** Adds a member. `wanted` is its slot in an earlier group, which it gets again if it is free. */
  join(ask: CollectMember, wanted?: number, last: Snapshot = []): GroupMember {
    const slot = wanted !== undefined && !this.#members.has(wanted) ? wanted : this.#freeSlot()
    const state: MemberState = { slot, ask, last }
    this.#members.set(slot, state)
    const remove = (): boolean => this.#members.get(slot) === state && this.#members.delete(slot)
    return {
      slot,
      get last() {
        return state.last
      },
      leave: (final) => {
        if (remove()) this.retire(slot, final === undefined ? state.last : superseded(state.last, final))
      },
      forget: () => void remove(),
    }
  }

  /** Adds the counters of an ended member that never joined this group. */
  retire(slot: number, last: Snapshot): void {
    this.#retired = withRetired(this.#retired, [...this.#labelled(slot, last)])
  }

  /** Asks all members at once and sums their metrics. */
  async collect(): Promise<CollectedGroup> {
    const members = [...this.#members.values()]
    const missing = await this.#askAll(members)
    // Read without an await in between: a member that ends meanwhile is either still present or retired, never both.
    const retired = this.#retired
    const present = members.filter((member) => this.#members.get(member.slot) === member)
    const parts = [retired, ...present.map(({ slot, last }) => this.#labelled(slot, last))]
    const snapshot = await runSliced(mergeSliced(parts))
    return { snapshot, members: members.length, missing }
  }

  /** Returns the sum of given snapshots, without asking the members. */
  latest(snapshots: readonly (readonly [slot: number, last: Snapshot])[]): Snapshot {
    return merge(this.#retired, ...snapshots.map(([slot, last]) => [...this.#labelled(slot, last)]))
  }

  /**
   * Asks the members. Returns how many did not answer. A member that fails (its connection is lost) is not waited for,
   * a silent one no longer than the timeout. When many members share few processors and answer one after the other, all
   * of them are waited for.
   */
  async #askAll(members: readonly MemberState[]): Promise<number> {
    const { timeoutMs } = this.#options
    let answered = 0
    let answeredMs = performance.now()
    const asked = members.map(async (member) => {
      // An answer that arrives too late is still the latest known state.
      member.last = await member.ask()
      answered += 1
      answeredMs = performance.now()
    })
    const quiet = untilQuiet(timeoutMs, MOST_TIMEOUTS * timeoutMs, () => answeredMs)
    await Promise.race([Promise.allSettled(asked), quiet])
    return members.length - answered
  }

  #labelled(slot: number, snapshot: Snapshot): Iterable<SnapshotMetric> {
    const { label, everyMemberApart } = this.#options
    return labelled(snapshot, { name: label, value: String(slot) }, everyMemberApart)
  }

  #freeSlot(): number {
    let slot = 0
    while (this.#members.has(slot)) slot += 1
    return slot
  }
}
