import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { TestFleet } from '../support/fleet.ts'
import { CURRENT_NODE, currentNodeVersion } from '../support/matrix.ts'
import { startRedis } from '../support/services/redis.ts'
import { toolScript, withoutTools } from '../support/tools.ts'

/** Jobs that a queue or pool has done by processes or threads of its own: one scrape counts them all. */

interface Kind {
  readonly label: 'bullmq forks' | 'bullmq threads' | 'jest-worker forks' | 'jest-worker threads'
  readonly script: string
}

const KINDS: readonly Kind[] = [
  { label: 'bullmq forks', script: 'bullmq/dist/cjs/index.js' },
  { label: 'bullmq threads', script: 'bullmq/dist/cjs/index.js' },
  { label: 'jest-worker forks', script: 'jest-worker/build/index.js' },
  { label: 'jest-worker threads', script: 'jest-worker/build/index.js' },
]

/**
 * Kills the process and resolves once its parent has noticed its end. BullMQ hands a job to a process whose end it has not
 * noticed yet, and dies of the EPIPE.
 */
async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await eventually(() => assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }))
}

async function redisFor(t: TestContext): Promise<Readonly<Record<string, string>> | undefined> {
  const redis = await startRedis()
  if (redis === undefined) return undefined
  t.after(() => redis.stop())
  return redis.env
}

for (const { label: version, execPath } of currentNodeVersion()) {
  // Threads have their tests on each version elsewhere.
  const kinds = execPath === CURRENT_NODE.execPath ? KINDS : KINDS.filter(({ label }) => label.endsWith('forks'))
  test(
    `Node ${version}: jobs of sandboxed processors and of pools`,
    { skip: withoutTools(), concurrency: 2 },
    async (t) => {
      const redis = await redisFor(t)
      const rows = kinds.map(({ label, script }) => {
        const needsRedis = label.startsWith('bullmq')
        return t.test(label, { skip: needsRedis && redis === undefined }, async (row) => {
          const fleet = await TestFleet.create(row, redis)
          const running = await fleet.start([], {
            execPath,
            app: 'use-queue.cjs',
            args: [label, toolScript(script)],
            // With --require: --import reaches no thread whose code is given as text.
            preload: 'NODE_OPTIONS require',
            stdinStaysOpen: true,
          })
          let wanted = 0
          const jobs = async (count: number): Promise<number[]> => {
            wanted += count
            const before = running.stdout.length
            running.write(`${count}\n`)
            await eventually(async () => assert.match(running.stdout.slice(before), /^done \d+ by .*\n/m))
            const pids = /by (.*)/.exec(running.stdout.slice(before))?.[1] ?? ''
            return pids.split(' ').map(Number)
          }
          const untilCounted = (): Promise<void> =>
            eventually(async () => assert.equal((await fleet.scrape()).sum('jobs_done_total'), wanted))
          const [worker] = await jobs(20)
          await untilCounted()
          assert.equal(worker === running.pid, label.endsWith('threads'))
          // A jest-worker whose process is killed ends its app.
          if (label === 'bullmq forks' && worker !== undefined) await killed(worker)
          await untilCounted()
          await jobs(10)
          await untilCounted()
          assert.doesNotMatch(running.stderr, /cannot|could not|in use/)
        })
      })
      await Promise.all(rows)
    },
  )
}
