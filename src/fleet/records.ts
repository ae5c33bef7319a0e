// Node loads what is behind `promises`, a dozen modules, when it is asked for: who is alone never does.
import { promises as files, readdirSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_BODY_BYTES } from './frames.ts'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { isAlive, isProcessId, ownProcessId } from './process-id.ts'

const MEMBER = 'member-'
const RETIRED = 'retired'
const PRIVATE = { mode: 0o600 } as const

/**
 * The files of a fleet: one for each member, which says that it is there and what it counted when it was last asked or when
 * it ended, and one of what was counted by members that are gone. Each is replaced, never appended to. They are what lets a
 * successor go on where a leader stopped, killed or not; no number is in two of them at once.
 */
export class Records {
  readonly #folder: string
  readonly #running = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Uint8Array>()

  #ownId: string | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Found out when it is first needed: who is alone never needs it. */
  get ownId(): string {
    this.#ownId ??= ownProcessId()
    return this.#ownId
  }

  /** Ids of the other members that have a file, and whether they still run. */
  others(): { readonly id: string; readonly alive: boolean }[] {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith(MEMBER) && !name.includes('.'))
      .map((name) => name.slice(MEMBER.length))
      .filter(isProcessId)
      .filter((id) => id !== this.ownId)
      .map((id) => ({ id, alive: isAlive(id) }))
  }

  /** Undefined: there is no such file, or none that a member writes. */
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

  /** For the end of the process. */
  writeOwnNow(bytes: Uint8Array): void {
    this.#writeNow(MEMBER + this.ownId, bytes)
  }

  writeRetiredNow(bytes: Uint8Array): void {
    this.#writeNow(RETIRED, bytes)
  }

  remove(id: string): void {
    removeIfThere(join(this.#folder, MEMBER + id))
  }

  /** Nobody is left: nothing of this fleet stays behind. */
  removeAll(): void {
    for (const name of readdirSync(this.#folder)) removeIfThere(join(this.#folder, name))
  }

  removeFolder(): void {
    this.removeAll()
    try {
      rmdirSync(this.#folder)
    } catch {
      // Somebody has just begun a new fleet in it.
    }
  }

  /** One after the other; of those that come meanwhile only the last. */
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
    // Another name than the asynchronous one, which may be half written at the end of the process.
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
    // Somebody else was quicker.
  }
}
