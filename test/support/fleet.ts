import { eventually } from './eventually.ts'
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { startNode } from './run-node.ts'
import type { NodeOptions } from './run-node.ts'
import type { RunningProcess } from './running-process.ts'
import { httpGet, scrape } from './scrape.ts'
import type { Scrape } from './scrape.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Processes of one service behind one side port, with what they have served and counted. */
export class TestFleet {
  readonly sidePort: number
  readonly env: Readonly<Record<string, string>>
  /** The number of answered requests. */
  answered = 0
  /** The processes that answered them. */
  readonly pids: Set<number> = new Set()
  readonly #t: TestContext
  readonly #running: RunningProcess[] = []
  readonly #dead = new Set<number>()
  #seen = 0

  private constructor(t: TestContext, sidePort: number, env: Readonly<Record<string, string>>) {
    this.#t = t
    this.sidePort = sidePort
    this.env = {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(sidePort),
      // Half of it is how long a scrape waits until what it serves is on the disk, too, from where a successor takes it. The default
      // of 250 ms can be too short on a busy machine.
      OBS_FLEET_TIMEOUT: '10000',
      ...env,
    }
  }

  static async create(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<TestFleet> {
    // A folder of its own, so that leftovers of other tests have no effect.
    const runtimeFolder = temporaryFolder(t, 'run')
    chmodSync(runtimeFolder, 0o700)
    return new TestFleet(t, await freePort(), { XDG_RUNTIME_DIR: runtimeFolder, ...env })
  }

  /**
   * Starts another process, or one with further processes below it. Resolves when one listens and the first has joined
   * the fleet.
   */
  async start(shape: readonly string[] = ['server'], options: NodeOptions = {}): Promise<RunningProcess> {
    const running = await this.startWithoutPlace(shape, options)
    await running.waitFor(/metrics (?:on|with)|no metrics/, 'stderr')
    return running
  }

  /** Does the same, but resolves when one listens. */
  async startWithoutPlace(shape: readonly string[] = ['server'], options: NodeOptions = {}): Promise<RunningProcess> {
    const env = { ...this.env, ...options.env }
    const running = startNode(this.#t, { app: 'use-fleet.cjs', args: shape, timeoutMs: 90_000, ...options, env })
    await this.add(running)
    return running
  }

  /** Does the same without the preload. */
  async startBare(shape: readonly string[]): Promise<RunningProcess> {
    const running = startNode(this.#t, { app: 'use-fleet.cjs', args: shape, preload: 'none' })
    await this.add(running)
    return running
  }

  /** Adds a process that was started elsewhere and prints `listening <port>` for each process of its own. */
  async add(running: RunningProcess): Promise<void> {
    this.#running.push(running)
    await running.waitFor(/^listening \d+$/m)
  }

  /** The ports on which the app's processes listen. */
  get ports(): number[] {
    const all = this.#running.flatMap(({ stdout }) => [...stdout.matchAll(/^listening (\d+)$/gm)])
    return [...new Set(all.map(([, port]) => Number(port)))].filter((port) => !this.#dead.has(port))
  }

  /** Sends this many requests in all, to each port in turn. */
  async load(requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) {
      const { ports } = this
      const port = ports[i % ports.length]
      if (port === undefined) return
      try {
        const { body } = await httpGet(`http://127.0.0.1:${port}/`)
        this.answered += 1
        this.pids.add(Number(body))
      } catch {
        // Its process has exited.
        this.#dead.add(port)
      }
    }
  }

  scrape(): Promise<Scrape> {
    return scrape(this.sidePort)
  }

  /** Returns the count in a scrape. Fails if it has decreased. */
  async counted(): Promise<number> {
    const count = (await this.scrape()).sum('http_requests_total')
    assert.ok(count >= this.#seen, `${this.#seen} requests, then ${count}`)
    this.#seen = count
    return count
  }

  /** Waits until a scrape counts all answered requests, and checks that it stays so. */
  async untilAllCounted(): Promise<void> {
    await eventually(async () => assert.equal(await this.counted(), this.answered))
  }

  /** Waits until a scrape shows a new collection: for a second, an expensive one serves those that follow. */
  async untilCollectedAnew(): Promise<Scrape> {
    const before = usedSeconds(await this.scrape())
    return eventually(async () => {
      const found = await this.scrape()
      return usedSeconds(found) !== before && found
    })
  }

  async untilMembers(members: number, missing: number = 0): Promise<Scrape> {
    return eventually(async () => {
      const found = await this.scrape()
      assert.deepEqual([found.sum('obs_fleet_members'), found.sum('obs_fleet_members_missing')], [members, missing])
      return found
    })
  }
}

function usedSeconds(found: Scrape): number {
  return found.sum('process_cpu_seconds_total')
}
