import { labelled } from './labelled.ts'
import type { MemberLabel } from './labelled.ts'
import { merge, mergeSliced } from './merge.ts'
import { runSliced } from '../sdk/sliced-task.ts'
import { superseded, withRetired } from './retired.ts'
import type { Snapshot, SnapshotMetric } from './snapshot.ts'
import { untilQuiet } from './timers.ts'

/** With the default of 250 ms a scrape takes two seconds at most: Prometheus waits for ten. */
const MOST_TIMEOUTS = 8

export interface GroupOptions {
  /** Name of the label that keeps members apart. */
  readonly label: MemberLabel['name']
  /** Who has not answered so long after the question, or after the last answer of another, is taken as it last was. */
  readonly timeoutMs: number
  /** Each metric of each member apart, not only gauges without a rule. */
  readonly everyMemberApart: boolean
}

/** What can be asked for its metrics, over whatever carries them: a process behind a socket, a thread behind a port. */
export type CollectMember = () => Promise<Snapshot>

export interface GroupMember {
  /** Which of the group it is: the smallest free number, so that who takes a member's place goes on with its series. */
  readonly slot: number
  /** As it was last seen. */
  readonly last: Snapshot
  /** The last word of a member that is asked no more; undefined: as it was last seen. Its counts stay in the sum. */
  readonly leave: (last?: Snapshot) => void
  /** For one that comes back by another way: nothing of it stays here. */
  readonly forget: () => void
}

export interface CollectedGroup {
  readonly snapshot: Snapshot
  readonly members: number
  /** Members that did not answer in time. */
  readonly missing: number
}

interface MemberState {
  readonly slot: number
  readonly ask: CollectMember
  last: Snapshot
}

/** Several processes, or several threads of one, that are scraped as one. */
export class Group {
  readonly #options: GroupOptions
  readonly #members = new Map<number, MemberState>()
  #retired: Snapshot = []

  constructor(options: GroupOptions) {
    this.#options = options
  }

  /** What members that have ended counted. */
  get retired(): Snapshot {
    return this.#retired
  }

  /** What members counted that ended before this group was made. */
  restore(retired: Snapshot): void {
    this.#retired = retired
  }

  /** `wanted`: the slot that the member had in the group before; it gets it when it is free. */
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

  /** Takes what a member counted that is known by this alone. */
  retire(slot: number, last: Snapshot): void {
    this.#retired = withRetired(this.#retired, [...this.#labelled(slot, last)])
  }

  /** Asks all at once. */
  async collect(): Promise<CollectedGroup> {
    const members = [...this.#members.values()]
    const missing = await this.#askAll(members)
    // As they are now, in one order: what ends in between is either still here or in the retired, never in both.
    const retired = this.#retired
    const present = members.filter((member) => this.#members.get(member.slot) === member)
    const parts = [retired, ...present.map(({ slot, last }) => this.#labelled(slot, last))]
    const snapshot = await runSliced(mergeSliced(parts))
    return { snapshot, members: members.length, missing }
  }

  /** The same of what members are known to have said last. */
  latest(said: readonly (readonly [slot: number, last: Snapshot])[]): Snapshot {
    return merge(this.#retired, ...said.map(([slot, last]) => [...this.#labelled(slot, last)]))
  }

  /**
   * How many did not answer. One that fails (its connection is gone) is waited for no longer, one that is silent no longer than
   * the timeout; where many share few processors and answer one after the other, all are heard.
   */
  async #askAll(members: readonly MemberState[]): Promise<number> {
    const { timeoutMs } = this.#options
    let answered = 0
    let answeredMs = performance.now()
    const asked = members.map(async (member) => {
      // An answer that comes too late is still the latest that is known.
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
