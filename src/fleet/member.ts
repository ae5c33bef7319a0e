import type { Socket } from 'node:net'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { InspectedProcess } from '../base/inspection.ts'
import type { MetricsSource } from '../sideport/sideport.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import { batchToBody } from './feed.ts'
import { frame, FrameReader } from './frames.ts'
import { toBody, toWelcome } from './handshake.ts'
import type { Records } from './records.ts'

export interface MemberInput {
  readonly socket: Socket
  readonly identity: string
  readonly records: Records
  /** The slot of this process under a former leader. */
  readonly slot: number | undefined
  readonly own: MetricsSource
  /** The batches of this process for the leader's page; undefined when the page is off. */
  readonly feed: BatchFeed | undefined
  /** Returns the inspection of this process for the leader's page. */
  readonly inspect: () => InspectedProcess
}

/** This process as a member of a fleet. */
export interface FleetMembership {
  readonly slot: number
  readonly address: string
  /** Resolves when the connection to the leader is lost. */
  readonly lost: Promise<void>
}

/** A leader that is stopped (by a signal or a debugger) admits nobody but keeps the port. */
const SILENT_AFTER_MS = 5000

/** Joins the leader. Resolves with undefined when the leader does not admit this process. */
export function becomeMember(input: MemberInput): Promise<FleetMembership | undefined> {
  const { socket, identity, records, own, feed, inspect } = input
  return new Promise((resolve) => {
    const silent = setTimeout(() => {
      diag.warn(
        'the process that serves the side port does not respond; metrics of this process are missing there until it does',
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

/**
 * Creates the file that tells a successor to wait for this process. Without it (on a full disk), a successor does not
 * wait.
 */
function announce(records: Records): void {
  try {
    records.writeOwnNow(Buffer.alloc(0))
  } catch (thrown) {
    diag.debug(`fleet: ${diag.reasonOf(thrown)}`)
  }
}

/** With more unsent bytes than this, further batches are not sent: the leader is too slow. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024
/** The interval at which a changed inspection is sent again. */
const INSPECTION_MS = 2000
const watchers = new WeakMap<Socket, () => void>()

/** Sends the batches and the inspection of this process to the leader while its page is open. */
function watch(socket: Socket, feed: BatchFeed, inspect: () => InspectedProcess): void {
  unwatch(socket)
  const unsubscribe = feed.subscribe((batch) => {
    if (socket.writableLength <= MAX_UNSENT_BYTES) socket.write(frame('batch', batchToBody(batch)))
  })
  let sent: Buffer | undefined
  const sendInspection = (): void => {
    if (socket.writableLength > MAX_UNSENT_BYTES) return
    const body = toBody(inspect())
    if (sent?.equals(body) === true) return
    sent = body
    socket.write(frame('inspection', body))
  }
  sendInspection()
  const timer = setInterval(sendInspection, INSPECTION_MS).unref()
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

/**
 * Answers a request for the metrics. On failure there is no answer, and this process counts as missing in that scrape.
 */
async function answer(socket: Socket, records: Records, own: MetricsSource, slot: number): Promise<void> {
  try {
    const bytes = await load<typeof import('./take-snapshot.ts')>('fleet-snapshot').takeSnapshot(own, slot)
    socket.write(frame('answer', bytes))
    await records.writeOwn(bytes)
  } catch (thrown) {
    diag.debug(`fleet: ${diag.reasonOf(thrown)}`)
  }
}
