import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { OtlpReceiver } from './otlp-receiver.ts'
import { splitStderr } from './own-lines.ts'
import { ROOT } from './paths.ts'
import { runNode } from './run-node.ts'
import type { NodeOptions } from './run-node.ts'
import type { RunResult } from './running-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A program that has to print and exit the same under the preload as without it. */
export interface Program {
  /** The main script; its extension determines the format. Its output must not vary between runs. */
  readonly source: string
  readonly format?: 'cjs' | 'mjs'
  /** Other files in the script's folder, by path. */
  readonly files?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly execPath?: string
  /** The `node_modules` of the script's folder; default this package's. */
  readonly nodeModules?: string
  /** The number of spans that the collector has received at the end. */
  readonly spans?: number
  /** Our lines on stderr besides the start line. */
  readonly says?: readonly RegExp[]
}

/**
 * With a preload, Node.js runs the main script through the ES module loader, which shows in stacks; so the bare run has
 * an empty one.
 */
const NOTHING = join(ROOT, 'test/support/no-preload.cjs')

/** Runs `program` bare and under the preload, and compares output, exit and the app's own lines on stderr. */
export async function asBare(t: TestContext, program: Program): Promise<void> {
  const { source, format = 'cjs', files = {}, nodeArgs = [], env = {}, execPath, spans = 0, says = [] } = program
  const folder = temporaryFolder(t, 'as-bare')
  symlinkSync(program.nodeModules ?? join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const app = join(folder, `main.${format}`)
  for (const [path, text] of Object.entries({ ...files, [`main.${format}`]: source })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const receiver = await OtlpReceiver.start(t)
  const options: NodeOptions = { app, nodeArgs, cwd: folder, ...(execPath === undefined ? {} : { execPath }) }
  const bare = await runNode(t, { ...options, register: NOTHING, env })
  const ours = {
    OTEL_SERVICE_NAME: 'as-bare',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OBS_FLEET: 'false',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OBS_EXIT_FLUSH_TIMEOUT: '20000',
  }
  const preloaded = await runNode(t, { ...options, env: { ...ours, ...env } })
  assert.deepEqual(seen(preloaded), seen(bare))
  assert.ok(bare.stdout !== '', `the program prints nothing\n${bare.stderr}`)
  const own = splitStderr(preloaded.stderr).own.filter((line) => !line.startsWith('@paxx/obs: as-bare: '))
  assert.equal(own.length, says.length, own.join('\n'))
  for (const [i, line] of own.entries()) assert.match(line, says[i] as RegExp)
  if (spans > 0) await receiver.waitForSpans(spans)
}

function seen({ code, signal, stdout, stderr }: RunResult): object {
  const app = splitStderr(stderr).app.map((line) => line.replace(/\(node:\d+\)/, '(node)'))
  return { code, signal, stdout: stdout.split('\n'), stderr: app }
}
