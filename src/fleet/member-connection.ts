import type { Socket } from 'node:net'
import { decodeMemberSliced } from './codec.ts'
import { bodyToBatch } from './feed.ts'
import type { WatchListener } from './feed.ts'
import { frame, FrameReader, MAX_BODY_BYTES } from './frames.ts'
import type { FrameKind } from './frames.ts'
import { bodyToInspection } from './inspection-body.ts'
import { toBody, toHello } from './handshake.ts'
import type { Hello, Welcome } from './handshake.ts'
import { runSliced } from '../sdk/sliced-task.ts'
import type { Snapshot } from '../aggregation/snapshot.ts'

/** A connection that has not identified itself within this time is closed. */
const HELLO_MS = 5000
const MAX_HELLO_BYTES = 16 * 1024

/** The leader's side of the connection to a member. */
export class MemberConnection {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #onHello: (hello: Hello) => void
  readonly #silent: NodeJS.Timeout
  #isKnown = false
  #watcher: WatchListener | undefined
  #waiting: { readonly resolve: (snapshot: Promise<Snapshot>) => void; readonly reject: (reason: Error) => void }[] = []

  constructor(socket: Socket, onHello: (hello: Hello) => void) {
    this.#socket = socket.unref()
    this.#onHello = onHello
    this.#silent = setTimeout(() => socket.destroy(), HELLO_MS).unref()
    const frames = new FrameReader(
      (kind, body) => this.#onFrame(kind, body),
      () => (this.#isKnown ? MAX_BODY_BYTES : MAX_HELLO_BYTES),
    )
    socket.on('error', () => {})
    socket.on('data', (piece) => {
      try {
        frames.push(piece as Buffer)
      } catch {
        socket.destroy()
      }
    })
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    void this.closed.then(() => this.#onClosed())
  }

  welcome(welcome: Welcome): void {
    this.#socket.write(frame('welcome', toBody(welcome)))
  }

  /** Requests the member's metrics. Rejects when the connection ends. */
  ask(): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('gone'))
      // A slow member is not asked again before it has answered: one answer serves all callers.
      if (this.#waiting.length === 0) this.#socket.write(frame('ask'))
      this.#waiting.push({ resolve, reject })
    })
  }

  /** Requests the batches that the member retains, each batch that it exports from now on, and its inspection. */
  watch(listener: WatchListener): void {
    this.#watcher = listener
    this.#socket.write(frame('watch'))
  }

  unwatch(): void {
    this.#watcher = undefined
    this.#socket.write(frame('unwatch'))
  }

  close(): void {
    this.#socket.destroy()
  }

  #onFrame(kind: FrameKind, body: Buffer): void {
    if (!this.#isKnown) {
      if (kind !== 'hello') throw new Error('a hello comes first')
      const hello = toHello(body)
      this.#isKnown = true
      clearTimeout(this.#silent)
      this.#onHello(hello)
      return
    }
    if (kind === 'batch') {
      this.#watcher?.onBatch(bodyToBatch(body))
      return
    }
    if (kind === 'inspection') {
      this.#watcher?.onInspection(bodyToInspection(body))
      return
    }
    if (kind !== 'answer' || this.#waiting.length === 0) throw new Error('no such answer was asked for')
    const waiting = this.#waiting
    this.#waiting = []
    const answer = this.#decode(body)
    for (const { resolve } of waiting) resolve(answer)
    answer.catch(() => this.#socket.destroy())
  }

  async #decode(body: Buffer): Promise<Snapshot> {
    return (await runSliced(decodeMemberSliced(body))).snapshot
  }

  #onClosed(): void {
    clearTimeout(this.#silent)
    for (const { reject } of this.#waiting) reject(new Error('gone'))
    this.#waiting = []
  }
}
