import type { Socket } from 'node:net'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { InspectedProcess } from '../base/inspection.ts'
import type { MetricsSource } from '../sideport/sideport.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import { batchToBody } from './feed.ts'
import { frame, FrameReader } from './frames.ts'
import { toBody, toWelcome } from './messages.ts'
import type { Records } from './records.ts'

export interface MemberInput {
  readonly socket: Socket
  readonly identity: string
  readonly records: Records
  /** Held under a former leader. */
  readonly slot: number | undefined
  readonly own: MetricsSource
  /** What the leader's page may show of this process; undefined where it is off. */
  readonly feed: BatchFeed | undefined
  /** What this process says of itself there. */
  readonly inspect: () => InspectedProcess
}

/** This process as one that another process scrapes. */
export interface FleetMembership {
  readonly slot: number
  readonly address: string
  /** Settles when the leader is gone. */
  readonly lost: Promise<void>
}

/** A leader that stands still (stopped by a signal, in a debugger) takes nobody in, and keeps the port. */
const SILENT_AFTER_MS = 5000

/** Undefined: the leader did not take it. */
export function becomeMember(input: MemberInput): Promise<FleetMembership | undefined> {
  const { socket, identity, records, own, feed, inspect } = input
  return new Promise((resolve) => {
    const silent = setTimeout(() => {
      diag.warn(
        'the process that has the side port of this service does not answer; the metrics of this one join it when it does',
      )
    }, SILENT_AFTER_MS).unref()
    const lost = new Promise<void>((ended) => {
      socket.once('close', () => {
        clearTimeout(silent)
        resolve(undefined)
        ended()
      })
    })
    let slot = 0
    const frames = new FrameReader((kind, body) => {
      if (kind === 'welcome') {
        clearTimeout(silent)
        const welcome = toWelcome(body)
        slot = welcome.slot
        announce(records)
        resolve({ slot, address: welcome.address, lost })
      }
      if (kind === 'ask') void answer(socket, records, own, slot)
      if (kind === 'watch' && feed !== undefined) watch(socket, feed, inspect)
      if (kind === 'unwatch') unwatch(socket)
    })
    socket.on('data', (piece) => {
      try {
        frames.push(piece as Buffer)
      } catch (thrown) {
        diag.debug(`fleet: ${diag.reasonOf(thrown)}`)
        socket.destroy()
      }
    })
    socket.write(frame('hello', toBody({ identity, id: records.ownId, slot: input.slot })))
  })
}

/** From here on a successor knows of this process and waits for it. On a full disk it does not, and that is all. */
function announce(records: Records): void {
  try {
    records.writeOwnNow(Buffer.alloc(0))
  } catch (thrown) {
    diag.debug(`fleet: ${diag.reasonOf(thrown)}`)
  }
}

/** More than this unsent, and the leader is too slow for further batches. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024
/** What this process says of itself is said again so often where it has changed. */
const INSPECTION_MS = 2000
const watchers = new WeakMap<Socket, () => void>()

/** Sends the batches of this process, and what it says of itself, to the leader, whose page somebody looks at. */
function watch(socket: Socket, feed: BatchFeed, inspect: () => InspectedProcess): void {
  unwatch(socket)
  const unsubscribe = feed.subscribe((batch) => {
    if (socket.writableLength <= MAX_UNSENT_BYTES) socket.write(frame('batch', batchToBody(batch)))
  })
  let said: Buffer | undefined
  const say = (): void => {
    if (socket.writableLength > MAX_UNSENT_BYTES) return
    const body = toBody(inspect())
    if (said?.equals(body) === true) return
    said = body
    socket.write(frame('inspection', body))
  }
  say()
  const timer = setInterval(say, INSPECTION_MS).unref()
  const end = (): void => {
    clearInterval(timer)
    unsubscribe()
  }
  watchers.set(socket, end)
  socket.once('close', end)
}

function unwatch(socket: Socket): void {
  watchers.get(socket)?.()
  watchers.delete(socket)
}

/** Asked, this process answers; failing that it says nothing, and is missing from this one scrape. */
async function answer(socket: Socket, records: Records, own: MetricsSource, slot: number): Promise<void> {
  try {
    const bytes = await load<typeof import('./take-snapshot.ts')>('fleet-snapshot').takeSnapshot(own, slot)
    socket.write(frame('answer', bytes))
    await records.writeOwn(bytes)
  } catch (thrown) {
    diag.debug(`fleet: ${diag.reasonOf(thrown)}`)
  }
}
