// Node.js loads a dozen modules when `promises` is first read, which a process that is alone never does.
import { promises as files, readdirSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_BODY_BYTES } from './frames.ts'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { isAlive, isProcessId, ownProcessId } from './process-id.ts'

const MEMBER = 'member-'
const RETIRED = 'retired'
const PRIVATE = { mode: 0o600 } as const

/**
 * The files of a fleet: one per member with its metrics as last collected, and one with the summed counters of ended
 * members. Each file is replaced, never appended to. They let a successor continue where a leader stopped, even when it
 * was killed; no count is in two files at once.
 */
export class Records {
  readonly #folder: string
  readonly #running = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Uint8Array>()

  #ownId: string | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Computed on demand: a process that is alone never needs it. */
  get ownId(): string {
    this.#ownId ??= ownProcessId()
    return this.#ownId
  }

  /** Returns the ids of the other members that have a file, and whether each still runs. */
  others(): { readonly id: string; readonly alive: boolean }[] {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith(MEMBER) && !name.includes('.'))
      .map((name) => name.slice(MEMBER.length))
      .filter(isProcessId)
      .filter((id) => id !== this.ownId)
      .map((id) => ({ id, alive: isAlive(id) }))
  }

  /** Reads a member's file. Resolves with undefined when there is none or it is not one that a member writes. */
  async read(id: string): Promise<Buffer | undefined> {
    return readIfThere(join(this.#folder, MEMBER + id))
  }

  async readRetired(): Promise<Buffer | undefined> {
    return readIfThere(join(this.#folder, RETIRED))
  }

  writeOwn(bytes: Uint8Array): Promise<void> {
    return this.#write(MEMBER + this.ownId, bytes)
  }

  writeRetired(bytes: Uint8Array): Promise<void> {
    return this.#write(RETIRED, bytes)
  }

  /** Writes synchronously, for the end of the process. */
  writeOwnNow(bytes: Uint8Array): void {
    this.#writeNow(MEMBER + this.ownId, bytes)
  }

  writeRetiredNow(bytes: Uint8Array): void {
    this.#writeNow(RETIRED, bytes)
  }

  remove(id: string): void {
    removeIfThere(join(this.#folder, MEMBER + id))
  }

  /** Removes all files of the fleet, when no member is left. */
  removeAll(): void {
    for (const name of readdirSync(this.#folder)) removeIfThere(join(this.#folder, name))
  }

  removeFolder(): void {
    this.removeAll()
    try {
      rmdirSync(this.#folder)
    } catch {
      // Another process has just started a new fleet in it.
    }
  }

  /** Writes a file after its previous write has ended. If several writes wait, only the latest is done. */
  #write(name: string, bytes: Uint8Array): Promise<void> {
    const running = this.#running.get(name)
    if (running !== undefined) {
      this.#waiting.set(name, bytes)
      return running
    }
    const writing = this.#writeUntilLatest(name, bytes).finally(() => this.#running.delete(name))
    this.#running.set(name, writing)
    return writing
  }

  async #writeUntilLatest(name: string, first: Uint8Array): Promise<void> {
    const path = join(this.#folder, name)
    for (let bytes: Uint8Array | undefined = first; bytes !== undefined;) {
      const latest: Uint8Array = bytes
      await untracedWhereWatched(() => files.writeFile(`${path}.${this.ownId}`, latest, PRIVATE))
      await untracedWhereWatched(() => files.rename(`${path}.${this.ownId}`, path))
      bytes = this.#waiting.get(name)
      this.#waiting.delete(name)
    }
  }

  #writeNow(name: string, bytes: Uint8Array): void {
    const path = join(this.#folder, name)
    // The name differs from that of the asynchronous write, which may be half done at the end of the process.
    untracedWhereWatched(() => writeFileSync(`${path}.${this.ownId}.end`, bytes, PRIVATE))
    untracedWhereWatched(() => renameSync(`${path}.${this.ownId}.end`, path))
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    const stats = await untracedWhereWatched(() => files.lstat(path))
    return !stats.isFile() || stats.size > MAX_BODY_BYTES
      ? undefined
      : await untracedWhereWatched(() => files.readFile(path))
  } catch {
    return undefined
  }
}

function removeIfThere(path: string): void {
  try {
    untracedWhereWatched(() => unlinkSync(path))
  } catch {
    // Another process has removed it.
  }
}
