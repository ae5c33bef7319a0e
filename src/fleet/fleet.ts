import type { Socket } from 'node:net'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { InspectedProcess } from '../base/inspection.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { FleetSettings } from '../settings/settings.ts'
import type { Collect, MetricsSource } from '../sideport/sideport.ts'
import { FleetFeed } from './feed.ts'
import type { ServiceFeed } from './feed.ts'
import { connectTo, listenAt } from './connect.ts'
import type { FleetLeader } from './leader.ts'
import type { IdentityInput } from './identity.ts'
import { becomeMember } from './member.ts'
import { openFolder } from './open-folder.ts'
import { Records } from './records.ts'
import { closeReplaced, fileId, removeSocket, socketPath } from './socket-path.ts'
import { sweepBeside } from './sweep.ts'
import { unrefDelay } from '../aggregation/timers.ts'

export interface FleetInput extends IdentityInput {
  readonly settings: FleetSettings
  /** What this process measured. */
  readonly own: MetricsSource
  /** Opens the side port at a port; rejects with `code` EADDRINUSE when another process has it. */
  readonly open: (port: number, collect: Collect, feed: ServiceFeed | undefined) => Promise<FleetPort>
  /** The batches of this process, for the page; undefined where it is off. */
  readonly feed: BatchFeed | undefined
  /** What this process says of itself, for the page. */
  readonly inspect: () => InspectedProcess
}

export interface FleetPort {
  /** `http://localhost:9464` */
  readonly address: string
  readonly close: () => void
}

/** Where the metrics of this process are served, in words. */
export type Place = string

/** Who has the port of this fleet opens the socket in the next moment, on a busy machine too: longer, and it is another's. */
const PATIENCE_MS = 1000
/** When it was this fleet's a moment ago, one of us most likely has it again. */
const PATIENCE_OF_SUCCESSORS_MS = 4000
/** Any race for the port is over. */
const CONFIRM_MS = 3000
/** After a successor found no port. */
const RETRY_MS = 5000

/**
 * The processes of one service on one machine, behind one side port. Who binds the port holds it and listens on a socket in
 * a private folder; who finds it taken joins by that socket and answers when it is scraped; when the leader ends, those that
 * are left race for the port again.
 */
export class Fleet {
  readonly #input: FleetInput
  /** What processes of this fleet say to one another; empty where there is no folder, and nobody to say it to. */
  readonly #identity: string
  readonly #folder: string | undefined
  readonly #records: Records | undefined
  readonly #feed: FleetFeed | undefined
  #folderProblem: string | undefined
  #role: 'none' | 'member' | 'leader' = 'none'
  #slot: number | undefined
  #leader: FleetLeader | undefined
  #address = ''
  /** A scrape that comes before the port is ready to tell all waits. */
  #ready: Promise<unknown> = Promise.resolve()

  constructor(input: FleetInput) {
    this.#input = input
    this.#feed = input.feed === undefined ? undefined : new FleetFeed(input.feed)
    const { folder, identity, problem } = openFolder(input)
    this.#identity = identity?.text ?? ''
    this.#folder = folder
    this.#folderProblem = problem
    this.#records = this.#folder === undefined ? undefined : new Records(this.#folder)
  }

  /** Another process of the service has the side port. */
  get isMember(): boolean {
    return this.#role === 'member'
  }

  /** Resolves with where the metrics are; rejects with the reason when they are nowhere. */
  async start(): Promise<Place> {
    const place = await this.#settle()
    const servesPage = this.#role === 'leader' && this.#feed !== undefined
    return servesPage ? `${place}, page on ${forBrowsers(this.#address)}/` : place
  }

  /** The end of the process: its counts go to who is left. Never throws: the last spans are delivered after it. */
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
    throw new Error(`${this.#inUse()}${last > port ? `, and so are those up to ${last}` : ''}`)
  }

  /** Undefined: another program or service has it. */
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
      // Those that race for the port do not stay in step.
      await unrefDelay(10 + Math.random() * 40)
    }
  }

  /** Undefined: there is no leader. */
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
    void membership.lost.then(() => this.#succeed())
    return `metrics with those of the service on ${membership.address}/metrics`
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
    return `metrics on ${opened.address}/metrics`
  }

  /** Opens the socket for others. Returns where this process joined instead, where somebody else was before it. */
  async #listen(folder: string, records: Records, opened: FleetPort): Promise<Place | undefined> {
    try {
      const joined = await this.#join()
      if (joined !== undefined) {
        opened.close()
        return joined
      }
      // Left by processes that are all gone, it says nothing about this start.
      const isFirst = this.#role === 'none' && !records.others().some(({ alive }) => alive)
      if (isFirst) records.removeAll()
      // Not before: a pipe's name is in one of these files.
      const path = socketPath(folder)
      removeSocket(path)
      const server = await listenAt(path, (socket) => void this.#admit(socket, records))
      const id = fileId(path)
      if (!isFirst || this.#input.settings.everyProcessApart) await this.#loadLeader(records).inherit()
      void this.#confirm(path, id, () => {
        closeReplaced(server, path)
        opened.close()
      })
    } catch (thrown) {
      this.#folderProblem = diag.reasonOf(thrown)
      diag.debug(`fleet: ${this.#folderProblem}`)
    }
    return undefined
  }

  /** Who comes before this process has found out what it inherits waits. */
  async #admit(socket: Socket, records: Records): Promise<void> {
    socket.on('error', () => {})
    await this.#ready
    if (!socket.destroyed) this.#loadLeader(records).accept(socket)
  }

  /**
   * Two may have raced for the port so closely, on a machine so busy, that each has one: the socket is the later one's, and
   * the other joins it.
   */
  async #confirm(path: string, id: number | undefined, resign: () => void): Promise<void> {
    await unrefDelay(CONFIRM_MS)
    if (this.#folder !== undefined) {
      await sweepBeside(this.#folder).catch((thrown: unknown) => diag.debug(`fleet: ${diag.reasonOf(thrown)}`))
    }
    const now = fileId(path)
    // Where it is gone, nobody else has it.
    if (this.#role !== 'leader' || now === undefined || now === id) return
    resign()
    this.#leader?.resign()
    this.#leader = undefined
    this.#role = 'member'
    await this.#succeed()
  }

  /** Loaded with the first other process: most are alone. */
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
      if (this.#role === 'leader') diag.info(`the process that held the side port has ended; ${place} from here`)
    } catch (thrown) {
      diag.warn(`the process that held the side port has ended, and this one cannot: ${diag.reasonOf(thrown)}`)
      await unrefDelay(RETRY_MS)
      void this.#succeed()
    }
  }

  #inUse(): string {
    const { host, port } = this.#input
    const who = this.#folder === undefined ? '' : ' by another program or service'
    const problem = this.#folderProblem === undefined ? '' : `, which cannot be shared: ${this.#folderProblem}`
    return `${host.includes(':') ? `[${host}]` : host}:${port} is in use${who}${problem}`
  }
}

/** Every address of this machine is none that a browser opens. */
function forBrowsers(address: string): string {
  return address.replace(/^(https?:\/\/)(?:0\.0\.0\.0|\[::\]):/, '$1localhost:')
}
