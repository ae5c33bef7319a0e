import type { Socket } from 'node:net'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { Collect } from '../sideport/sideport.ts'
import { FleetFeed } from './feed.ts'
import { connectTo } from './local-socket.ts'
import type { FleetLeader } from './leader.ts'
import type { FleetInput, FleetPort } from './fleet-input.ts'
import { LeaderSocket } from './leader-socket.ts'
import { becomeMember } from './member.ts'
import { openFolder } from './open-folder.ts'
import { type Place, portInUse, servedAt, sharedAt, withPage } from './fleet-place.ts'
import { Records } from './records.ts'
import { socketPath } from './socket-path.ts'
import { sweepBeside } from './sweep.ts'
import { unrefDelay } from '../aggregation/timers.ts'

/**
 * The leader of this fleet opens its socket right after it has bound the port. If there is no socket after this time,
 * the port belongs to another program.
 */
const PATIENCE_MS = 1000
/** A successor waits longer: the port belonged to this fleet a moment ago, and most likely does again. */
const PATIENCE_OF_SUCCESSORS_MS = 4000
/** The time after which a race for the port is over. */
const CONFIRM_MS = 3000
/** The delay after which a successor that found no port tries again. */
const RETRY_MS = 5000

/**
 * Lets the processes of one service on one machine share a side port. The process that binds the port is the leader and
 * listens on a socket in a private folder. The others find the port taken, join through that socket as members, and
 * answer the leader at each scrape. When the leader ends, the members race for the port.
 */
export class Fleet {
  readonly #input: FleetInput
  /** The identity that members send to the leader; empty when there is no folder. */
  readonly #identity: string
  readonly #folder: string | undefined
  readonly #records: Records | undefined
  readonly #feed: FleetFeed | undefined
  #folderProblem: string | undefined
  #role: 'none' | 'member' | 'leader' = 'none'
  #slot: number | undefined
  #leader: FleetLeader | undefined
  #address = ''
  /** Scrapes wait for this promise, so that the first one is complete. */
  #ready: Promise<unknown> = Promise.resolve()

  constructor(input: FleetInput) {
    this.#input = input
    this.#feed = input.feed === undefined ? undefined : new FleetFeed(input.feed)
    const { folder, identity, problem } = openFolder(input)
    this.#identity = identity?.text ?? ''
    this.#folder = folder
    this.#folderProblem = problem
    this.#records = folder === undefined ? undefined : new Records(folder)
  }

  /** Whether another process of the service serves the side port. */
  get isMember(): boolean {
    return this.#role === 'member'
  }

  /**
   * Opens or joins a side port. Resolves with a description of where the metrics are served. Rejects with the reason if
   * they are not served.
   */
  async start(): Promise<Place> {
    const place = await this.#settle()
    return this.#feed === undefined ? place : withPage(place, this.#address)
  }

  /**
   * Saves the counters of this process for the remaining processes. Called at the end of the process, before the last
   * spans are exported. Never throws.
   */
  endSync(): void {
    try {
      this.#leave()
    } catch (thrown) {
      diag.debug(`fleet: ${diag.reasonOf(thrown)}`)
    }
  }

  #leave(): void {
    const records = this.#records
    if (records === undefined || this.#role === 'none') return
    if (this.#role === 'member') {
      records.writeOwnNow(
        load<typeof import('./take-snapshot.ts')>('fleet-snapshot').takeSnapshotNow(this.#input.own, this.#slot ?? 0),
      )
    } else if (this.#leader?.hasOthers === true) {
      this.#leader.endSync()
    } else {
      records.removeFolder()
    }
  }

  async #collect(): ReturnType<Collect> {
    await this.#ready
    return (this.#leader ?? this.#input.own).collect()
  }

  async #settle(): Promise<Place> {
    const { port, settings } = this.#input
    const last = Math.min(port + settings.portFallbacks, 65_535)
    for (let candidate = port; candidate <= last; candidate++) {
      const place = await this.#tryPort(candidate)
      if (place === undefined) continue
      return candidate === port || this.#role === 'member' ? place : `${place} (${this.#inUse()})`
    }
    throw new Error(`${this.#inUse()}${last > port ? `, and so are the ports up to ${last}` : ''}`)
  }

  /** Joins or opens the side port on a port. Resolves with undefined when another program or service has the port. */
  async #tryPort(port: number): Promise<Place | undefined> {
    const patienceMs = this.#role === 'none' ? PATIENCE_MS : PATIENCE_OF_SUCCESSORS_MS
    const startMs = performance.now()
    for (;;) {
      const joined = await this.#join()
      if (joined !== undefined) return joined
      try {
        return await this.#lead(port)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown
      }
      if (this.#folder === undefined || performance.now() - startMs > patienceMs) return undefined
      // The random delay keeps competing processes out of step.
      await unrefDelay(10 + Math.random() * 40)
    }
  }

  /** Joins the leader as a member. Resolves with undefined when there is no leader. */
  async #join(): Promise<Place | undefined> {
    if (this.#folder === undefined || this.#records === undefined) return undefined
    const socket = await connectTo(socketPath(this.#folder))
    if (socket === undefined) return undefined
    const { own, feed, inspect } = this.#input
    const membership = await becomeMember({
      socket,
      identity: this.#identity,
      records: this.#records,
      slot: this.#slot,
      own,
      feed,
      inspect,
    })
    if (membership === undefined) return undefined
    this.#role = 'member'
    this.#slot = membership.slot
    this.#address = membership.address
    void membership.lost.then(() => this.#succeed())
    return sharedAt(membership.address)
  }

  #lead(port: number): Promise<Place> {
    const opening = this.#openAt(port)
    this.#ready = Promise.allSettled([opening])
    return opening
  }

  async #openAt(port: number): Promise<Place> {
    const opened = await this.#input.open(port, () => this.#collect(), this.#feed)
    this.#address = opened.address
    if (this.#folder !== undefined && this.#records !== undefined) {
      const joined = await this.#listen(this.#folder, this.#records, opened)
      if (joined !== undefined) return joined
    }
    this.#role = 'leader'
    return servedAt(opened.address)
  }

  /** Opens the socket for members. Resolves with the place of another leader when this process joined that instead. */
  async #listen(folder: string, records: Records, opened: FleetPort): Promise<Place | undefined> {
    try {
      const joined = await this.#join()
      if (joined !== undefined) {
        opened.close()
        return joined
      }
      // If all processes of the fleet have ended, their files are of no use to this one.
      const isFirst = this.#role === 'none' && !records.others().some(({ alive }) => alive)
      if (isFirst) records.removeAll()
      const socket = await LeaderSocket.open(folder, (member) => void this.#admit(member, records))
      if (!isFirst || this.#input.settings.everyProcessApart) await this.#loadLeader(records).inherit()
      void this.#confirm(folder, socket, opened)
    } catch (thrown) {
      this.#folderProblem = diag.reasonOf(thrown)
      diag.debug(`fleet: ${this.#folderProblem}`)
    }
    return undefined
  }

  /** Accepts a connection once this process has read what it inherits. */
  async #admit(socket: Socket, records: Records): Promise<void> {
    socket.on('error', () => {})
    await this.#ready
    if (!socket.destroyed) this.#loadLeader(records).accept(socket)
  }

  /**
   * Resolves a tie: on a busy machine two processes may have opened the socket in such close succession that each
   * believes it leads. The later one keeps the socket, and the other joins it.
   */
  async #confirm(folder: string, socket: LeaderSocket, opened: FleetPort): Promise<void> {
    await unrefDelay(CONFIRM_MS)
    await sweepBeside(folder).catch((thrown: unknown) => diag.debug(`fleet: ${diag.reasonOf(thrown)}`))
    if (this.#role !== 'leader' || !socket.isReplaced) return
    socket.close()
    opened.close()
    this.#leader?.resign()
    this.#leader = undefined
    this.#role = 'member'
    await this.#succeed()
  }

  /** Loaded with the first other process: most processes are alone. */
  #loadLeader(records: Records): FleetLeader {
    const { settings, own } = this.#input
    this.#leader ??= new (load<typeof import('./leader.ts')>('fleet-leader').FleetLeader)({
      own,
      records,
      slot: this.#slot,
      identity: this.#identity,
      address: this.#address,
      timeoutMs: settings.timeoutMs,
      everyProcessApart: settings.everyProcessApart,
      feed: this.#feed,
    })
    return this.#leader
  }

  async #succeed(): Promise<void> {
    try {
      const place = await this.#settle()
      if (this.#role === 'leader') diag.info(`the process that served the side port has exited; now ${place}`)
    } catch (thrown) {
      diag.warn(
        `the process that served the side port has exited; could not take over (${diag.reasonOf(thrown)}); retrying in ${RETRY_MS / 1000} s`,
      )
      await unrefDelay(RETRY_MS)
      void this.#succeed()
    }
  }

  #inUse(): string {
    return portInUse(this.#input, this.#folder !== undefined, this.#folderProblem)
  }
}
