import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { splitStderr } from '../support/own-lines.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { REGISTER } from '../support/paths.ts'
import { startProcess, type RunningProcess, type RunResult } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ALL, distinct, holds } from './shapes.ts'

/** Sends itself three requests, and ends on the parent's command. */
const APP = `
  const { createServer, get } = require('node:http')
  const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async function () {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => get({ host: '127.0.0.1', port: this.address().port, agent: false }, (response) => response.resume().on('end', resolve)))
    }
    process.on('SIGTERM', () => server.close())
    console.log('served')
  })`

/** Ends the app as soon as it has served and, under the preload, its spans have arrived. */
async function endOf(running: RunningProcess, receiver?: OtlpReceiver): Promise<RunResult> {
  const served = await Promise.race([running.waitFor(/served/).then(() => true), running.exited.then(() => false)])
  if (served) {
    await receiver?.waitForSpans(6, 20_000)
    running.kill('SIGTERM')
  }
  return await running.exited
}

const WITHOUT_WORKER = "as bare, complete; one line says that it exports in the app's thread"

/** In kilobytes, as `ulimit` has it. V8 reserves about 1 GB of addresses for each thread. */
const LIMITS = ALL ? [1_500_000, 2_500_000, 6_000_000] : [2_500_000]

test(
  'an app with little address space serves as bare, and its spans arrive without an export worker',
  { concurrency: 2 },
  async (t) => {
    const app = join(temporaryFolder(t, 'limits'), 'app.cjs')
    writeFileSync(app, APP)
    const rows = LIMITS.flatMap((limit) =>
      (['grpc', 'http/protobuf'] as const).map((protocol) =>
        t.test(`ulimit -v ${limit}, ${protocol}`, async (row) => {
          const receiver = await OtlpReceiver.start(row)
          const run = (args: readonly string[], env: Record<string, string>) =>
            startProcess(row, 'sh', ['-c', `ulimit -v ${limit} && exec "$@"`, 'sh', process.execPath, ...args, app], {
              env,
            })
          const bare = await endOf(run([], {}))
          if (bare.stdout !== 'served\n') return row.skip('bare Node does not serve with so little')
          const running = run(['--require', REGISTER], {
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
            OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? receiver.grpcUrl : receiver.httpUrl,
            OTEL_EXPORTER_PROMETHEUS_PORT: '0',
            OTEL_BSP_SCHEDULE_DELAY: '50',
          })
          const ours = await endOf(running, receiver)
          assert.deepEqual([ours.code, ours.signal, ours.stdout], [0, null, 'served\n'])
          assert.match(
            splitStderr(ours.stderr).own[0] ?? '',
            /export worker could not be started \(its address space is limited/,
          )
          // The export's own requests are none of the app's.
          const kinds = distinct(receiver.spans)
            .map(({ kind }) => kind)
            .toSorted()
          assert.deepEqual(kinds, ['client', 'client', 'client', 'server', 'server', 'server'])
          holds('Limits', `\`ulimit -v ${limit}\`, ${protocol}`, WITHOUT_WORKER)
        }),
      ),
    )
    await Promise.all(rows)
  },
)

/** Where control groups of the memory controller are made: version 1, which has a hierarchy for it, or version 2. */
const GROUPS = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
]

/** A group of its own with so much memory; undefined where this user or machine may have none. */
function memoryGroup(t: Pick<TestContext, 'after'>, sizeMiB: number): string | undefined {
  for (const { root, limit } of GROUPS) {
    const group = join(root, `obs-test-${process.pid}-${sizeMiB}`)
    try {
      mkdirSync(group)
      t.after(() => rmdirSync(group))
      if (!existsSync(join(group, limit))) continue
      writeFileSync(join(group, limit), String(sizeMiB * 2 ** 20))
      return group
    } catch {
      // Not mounted, or not to be written to.
    }
  }
  return undefined
}

const SIZES_MIB = ALL ? [64, 96, 128, 256] : [64]

test('an app in a control group with little memory serves as bare, and all its spans arrive', async (t) => {
  const app = join(temporaryFolder(t, 'limits'), 'app.cjs')
  writeFileSync(app, APP)
  for (const sizeMiB of SIZES_MIB) {
    await t.test(`${sizeMiB} MiB`, async (row) => {
      const group = memoryGroup(row, sizeMiB)
      if (group === undefined) return row.skip('control groups cannot be made here')
      const receiver = await OtlpReceiver.start(row)
      const run = (args: readonly string[], env: Record<string, string>) =>
        startProcess(
          row,
          'sh',
          ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group, process.execPath, ...args, app],
          { env },
        )
      const bare = await endOf(run([], {}))
      assert.equal(bare.stdout, 'served\n')
      const running = run(['--require', REGISTER], {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OTEL_BSP_SCHEDULE_DELAY: '50',
      })
      const ours = await endOf(running, receiver)
      assert.deepEqual([ours.code, ours.signal, ours.stdout], [0, null, bare.stdout])
      const withoutWorker = /export worker could not be started \(its memory is limited/.test(ours.stderr)
      assert.equal(withoutWorker, sizeMiB < 96)
      const kinds = distinct(receiver.spans)
        .map(({ kind }) => kind)
        .toSorted()
      assert.deepEqual(kinds, ['client', 'client', 'client', 'server', 'server', 'server'])
      holds('Limits', `a control group of ${sizeMiB} MiB`, withoutWorker ? WITHOUT_WORKER : undefined)
    })
  }
})
