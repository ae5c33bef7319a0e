import type { Socket } from 'node:net'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import type { MetricsSource } from '../sideport/sideport.ts'
import { decodeMemberSliced, decodeRetiredSliced, encode, encodeSliced } from './codec.ts'
import type { MemberRecord } from './codec.ts'
import { Collections } from '../aggregation/collection.ts'
import type { FleetFeed } from './feed.ts'
import { memberMetrics } from './member-metrics.ts'
import { Group } from '../aggregation/group.ts'
import type { GroupMember } from '../aggregation/group.ts'
import { MemberConnection } from './member-connection.ts'
import type { Hello } from './handshake.ts'
import { isAlive } from './process-id.ts'
import { runSliced, type SlicedTask } from '../sdk/sliced-task.ts'
import type { Records } from './records.ts'
import { SharedResource } from './shared-resource.ts'
import { snapshotSliced, snapshotOf } from '../aggregation/snapshot.ts'
import type { Snapshot } from '../aggregation/snapshot.ts'
import { unrefDelay, becomesTrueWithin } from '../aggregation/timers.ts'

export interface FleetLeaderInput {
  readonly own: MetricsSource
  /** The slot of this process under a former leader. */
  readonly slot: number | undefined
  readonly records: Records
  readonly identity: string
  readonly address: string
  readonly timeoutMs: number
  readonly everyProcessApart: boolean
  /** The batches of members for the page; undefined when the page is off. */
  readonly feed: FleetFeed | undefined
}

interface Known {
  readonly membership: GroupMember
  /** Undefined while the process runs but is not connected (again). */
  readonly connection: MemberConnection | undefined
}

/** How long the first scrape waits for the members of a former leader to reconnect. */
const REJOIN_MS = 1000
/** Limit on connections that have not identified themselves, which members do at once. */
const MAX_UNIDENTIFIED = 256
/** The time that a process may take to exit after its connections are closed. */
const ENDING_MS = 500

/** The process that serves the side port for others: at each scrape it asks all members and serves the sum. */
export class FleetLeader {
  readonly #input: FleetLeaderInput
  readonly #group: Group
  readonly #known = new Map<string, Known>()
  readonly #ending = new Set<Promise<void>>()
  /** Connections that have not identified themselves. */
  readonly #unidentified = new Set<MemberConnection>()
  readonly #collections = new Collections()
  readonly #resource = new SharedResource()
  readonly #own: GroupMember
  #rejoined: Promise<unknown> = Promise.resolve()
  #last: CollectionResult | undefined
  /** Ids of ended members that are in the sum and whose files may still exist. */
  #included: string[] = []

  constructor(input: FleetLeaderInput) {
    this.#input = input
    this.#group = new Group({
      label: 'process',
      timeoutMs: input.timeoutMs,
      everyMemberApart: input.everyProcessApart,
    })
    this.#own = this.#group.join(() => this.#collectOwn(), input.slot)
  }

  get hasOthers(): boolean {
    return this.#known.size > 0
  }

  /** Takes over what a former leader left: the counters of ended members, and members that have yet to reconnect. */
  async inherit(): Promise<void> {
    const { records } = this.#input
    const kept = await readable(await records.readRetired(), decodeRetiredSliced)
    const { retired, included } = kept ?? { retired: [], included: [] }
    this.#group.restore(retired)
    this.#included = [...included]
    for (const { id, alive } of records.others()) {
      if (included.includes(id)) continue
      const record = await this.#recordOf(id)
      if (alive) {
        this.#known.set(id, { membership: this.#joinAbsent(record?.slot, record?.snapshot), connection: undefined })
      } else {
        if (record !== undefined) this.#group.retire(record.slot, record.snapshot)
        this.#included.push(id)
      }
    }
    void this.#keepRetired()
    this.#rejoined = becomesTrueWithin(REJOIN_MS, () => this.#absent().length === 0)
  }

  /** Accepts a connection on the fleet's socket. */
  accept(socket: Socket): void {
    if (this.#unidentified.size >= MAX_UNIDENTIFIED) {
      socket.destroy()
      return
    }
    const connection = new MemberConnection(socket, (hello) => {
      this.#unidentified.delete(connection)
      this.#admit(connection, hello)
    })
    this.#unidentified.add(connection)
    void connection.closed.then(() => this.#unidentified.delete(connection))
  }

  async collect(): Promise<CollectionResult> {
    await this.#rejoined
    await Promise.race([Promise.all(this.#ending), unrefDelay(this.#input.timeoutMs)])
    for (const id of this.#absent()) if (!isAlive(id)) this.#end(id)
    const { snapshot, members, missing } = await this.#group.collect()
    const own = this.#last
    const resource = this.#resource.of(own?.resourceMetrics.resource)
    const all = [...snapshot, ...memberMetrics(members, missing)]
    return runSliced(this.#collections.toResult(all, resource, own?.errors ?? []))
  }

  /** Disconnects all members, because another process leads the fleet. */
  resign(): void {
    for (const { connection } of this.#known.values()) connection?.close()
    this.#known.clear()
  }

  /** Saves the counters of this process and of ended members for a successor, at the end of the process. */
  endSync(): void {
    const { own, records } = this.#input
    records.writeOwnNow(encode({ slot: this.#own.slot, snapshot: snapshotOf(own.collectNow()) }))
    records.writeRetiredNow(encode({ retired: this.#group.retired, included: this.#included }))
  }

  async #collectOwn(): Promise<Snapshot> {
    const { own, records, timeoutMs } = this.#input
    this.#last = await own.collect()
    const snapshot = await runSliced(snapshotSliced(this.#last))
    const bytes = await runSliced(encodeSliced({ slot: this.#own.slot, snapshot }))
    // Saved before it is served, so that a successor never reports less. A slow disk does not delay a scrape beyond
    // half the timeout.
    const kept = records.writeOwn(bytes).catch(() => {})
    await Promise.race([kept, unrefDelay(timeoutMs / 2)])
    return snapshot
  }

  #admit(connection: MemberConnection, { identity, id, slot }: Hello): void {
    if (identity !== this.#input.identity) return connection.close()
    const known = this.#known.get(id)
    known?.membership.forget()
    const last = known === undefined ? [] : known.membership.last
    const wanted = known?.membership.slot ?? slot
    const membership = this.#group.join(() => connection.ask(), wanted, last)
    this.#known.set(id, { membership, connection })
    known?.connection?.close()
    connection.welcome({ slot: membership.slot, address: this.#input.address })
    this.#input.feed?.admit(connection, connection.closed)
    void connection.closed.then(() => this.#disconnected(id, connection))
  }

  #disconnected(id: string, connection: MemberConnection): void {
    if (this.#known.get(id)?.connection !== connection) return
    const ending = this.#untilEnded(id, connection).finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  async #untilEnded(id: string, connection: MemberConnection): Promise<void> {
    const hasEnded = await becomesTrueWithin(ENDING_MS, () => !isAlive(id))
    const record = hasEnded ? await this.#recordOf(id) : undefined
    const known = this.#known.get(id)
    if (known?.connection !== connection) return
    if (!hasEnded) {
      // The process only lost its connection. Its counters are kept until it reconnects or ends.
      this.#known.set(id, { membership: known.membership, connection: undefined })
      return
    }
    this.#end(id, record?.snapshot)
  }

  #end(id: string, last?: Snapshot): void {
    this.#known.get(id)?.membership.leave(last)
    this.#known.delete(id)
    this.#included.push(id)
    void this.#keepRetired()
  }

  async #keepRetired(): Promise<void> {
    const { records } = this.#input
    const included = [...this.#included]
    try {
      await records.writeRetired(await runSliced(encodeSliced({ retired: this.#group.retired, included })))
    } catch {
      // The file on disk is still correct, as the files of the ended members stay beside it.
      return
    }
    for (const id of included) records.remove(id)
    this.#included = this.#included.filter((id) => !included.includes(id))
  }

  #absent(): string[] {
    return [...this.#known].filter(([, { connection }]) => connection === undefined).map(([id]) => id)
  }

  #joinAbsent(slot: number | undefined, last: Snapshot | undefined): GroupMember {
    return this.#group.join(() => Promise.reject(new Error('not here')), slot, last)
  }

  async #recordOf(id: string): Promise<MemberRecord | undefined> {
    return readable(await this.#input.records.read(id), decodeMemberSliced)
  }
}

/** Decodes a file. Returns undefined when it is absent, empty (the process runs but has saved nothing) or malformed. */
async function readable<Record>(
  bytes: Buffer | undefined,
  decode: (bytes: Buffer) => SlicedTask<Record>,
): Promise<Record | undefined> {
  if (bytes === undefined || bytes.length === 0) return undefined
  try {
    return await runSliced(decode(bytes))
  } catch {
    return undefined
  }
}
