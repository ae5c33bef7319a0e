import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { Collections } from '../aggregation/collection.ts'
import { Group, type GroupMember } from '../aggregation/group.ts'
import { merge, mergeSliced } from '../aggregation/merge.ts'
import { runAtOnce, runSliced } from '../sdk/sliced-task.ts'
import { superseded } from '../aggregation/retired.ts'
import { type Snapshot, snapshotSliced, snapshotOf } from '../aggregation/snapshot.ts'
import type { ThreadSnapshots } from '../base/thread-link.ts'

/**
 * The longest wait for a thread. It is shorter than the group's timeout, so that a thread that does not answer counts
 * with its last values and not as missing.
 */
const ANSWER_MS = 200

type SnapshotFlags = Pick<ThreadSnapshots, 'isWhole' | 'isBlocked'>

interface Member {
  readonly membership: GroupMember
  whole: Snapshot
  /** A snapshot without observable instruments that was received later than `whole`. */
  partial: Snapshot | undefined
  /** Set when the thread is about to block. It is still asked, but not waited for. */
  isBlocked: boolean
  readonly answered: Set<() => void>
}

/** Aggregates the metrics of this process's threads. Counters of ended threads stay in the sum. */
export class ThreadAggregator {
  readonly #group = new Group({ label: 'thread', timeoutMs: 2 * ANSWER_MS, everyMemberApart: false })
  readonly #members = new Map<number, Member>()
  readonly #collections = new Collections()

  /** Receives a snapshot. `ask` makes the thread send another one. */
  received(threadId: number, snapshot: Snapshot, { isWhole, isBlocked }: SnapshotFlags, ask: () => void): void {
    const member = this.#members.get(threadId) ?? this.#welcome(threadId, ask)
    if (isWhole) member.whole = snapshot
    member.partial = isWhole ? undefined : snapshot
    member.isBlocked = isBlocked
    for (const settle of member.answered) settle()
  }

  awake(threadId: number): void {
    const member = this.#members.get(threadId)
    if (member !== undefined) member.isBlocked = false
  }

  ended(threadId: number): void {
    const member = this.#members.get(threadId)
    if (member === undefined) return
    this.#members.delete(threadId)
    member.membership.leave(latestOf(member))
  }

  /** Asks all threads and returns their summed metrics. */
  async collect(): Promise<Snapshot> {
    return (await this.#group.collect()).snapshot
  }

  /** Returns the sum of the snapshots that the threads sent last, without asking them. */
  latest(): Snapshot {
    return this.#group.latest([...this.#members.values()].map((member) => [member.membership.slot, latestOf(member)]))
  }

  /** Adds the threads' metrics to the main thread's. */
  async join(main: CollectionResult): Promise<CollectionResult> {
    const snapshot = await this.collect()
    const own = await runSliced(snapshotSliced(main))
    const all = await runSliced(mergeSliced([own, snapshot]))
    return runSliced(this.#collections.toResult(all, main.resourceMetrics.resource, main.errors))
  }

  /** Adds the snapshots that the threads sent last, without asking them. Called at the end of the process. */
  joinNow(main: CollectionResult): CollectionResult {
    const { resource } = main.resourceMetrics
    const snapshot = merge(snapshotOf(main), this.latest())
    return runAtOnce(this.#collections.toResult(snapshot, resource, main.errors))
  }

  #welcome(threadId: number, ask: () => void): Member {
    const answered = new Set<() => void>()
    const member: Member = {
      membership: this.#group.join(async () => {
        ask()
        if (!member.isBlocked) await answer(answered)
        return latestOf(member)
      }),
      whole: [],
      partial: undefined,
      isBlocked: false,
      answered,
    }
    this.#members.set(threadId, member)
    return member
  }
}

function latestOf({ whole, partial }: Member): Snapshot {
  return partial === undefined ? whole : superseded(whole, partial)
}

/** Resolves with the thread's next snapshot or on timeout. */
function answer(answered: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer)
      answered.delete(settle)
      resolve()
    }
    const timer = setTimeout(settle, ANSWER_MS)
    answered.add(settle)
  })
}
