/**
 * `node bench/cold-start.ts [rounds]`: the cost of a preload for the cold start of an AWS Lambda function and for each
 * invocation, with Lambda's own runtime client (`npm ci --prefix test/shipping/every`) and a runtime API that freezes
 * the process between invocations. Writes bench/cold-start.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { installed } from '../test/shipping/packages.ts'
import { runFunction } from '../test/shipping/runtime-api.ts'
import { REGISTER } from '../test/support/paths.ts'
import { startProcess } from '../test/support/running-process.ts'
import { UPSTREAM } from '../test/support/subject.ts'
import { interleaved } from './interleaved.ts'
import { median } from './statistics.ts'
import type { BySubject } from './subjects.ts'

const EVENTS = Array.from({ length: 6 }, (_, n) => ({ n }))
const PRELOADS = {
  bare: { args: [], env: {} },
  upstream: { args: ['--require', createRequire(import.meta.filename).resolve(UPSTREAM.register)], env: UPSTREAM.env },
  obs: { args: ['--require', REGISTER], env: {} },
}

const ends: (() => unknown)[] = []
const t = { after: (end: () => unknown) => void ends.push(end) }

const runtime = installed('aws-lambda-ric/index.mjs')
if (runtime === undefined) throw new Error('aws-lambda-ric is not installed: npm ci --prefix test/shipping/every')
try {
  const folder = mkdtempSync(join(tmpdir(), 'obs-cold-start-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async (event) => ({ n: event.n })')
  const sink = startProcess(t, process.execPath, [join(import.meta.dirname, 'sink.ts'), '0'], { timeoutMs: 600_000 })
  const [port] = await sink.waitFor(/\d+/)
  const figures = await interleaved(Number(process.argv[2] ?? 7), async ({ name }) => {
    const { args, env } = PRELOADS[name]
    const startedAt = performance.now()
    const heardMs: number[] = []
    await runFunction(t, {
      folder,
      handler: 'index.handler',
      events: EVENTS,
      args: [...args, runtime],
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
      heard: () => void heardMs.push(performance.now() - startedAt),
    })
    // Alternating events and responses. The first event is delivered on request.
    const [ready = NaN, first = NaN, ...later] = heardMs
    const warm = EVENTS.slice(1).map((_, at) => (later[2 * at + 1] ?? NaN) - (later[2 * at] ?? NaN))
    return { ready, first: first - ready, both: first, warm: median(warm) }
  })
  writeFileSync(join(import.meta.dirname, 'cold-start.md'), page(figures))
} finally {
  for (const end of ends.toReversed()) await end()
}

function page({ ready, first, both, warm }: Record<'ready' | 'first' | 'both' | 'warm', BySubject<number>>): string {
  const rows = [
    ['from the start of the process until it asks for the first event', ready],
    ['the first invocation, until its response is handed over', first],
    ['both together', both],
    ['a later invocation', warm],
  ] as const
  const lines = rows.map(
    ([what, { bare, upstream, obs }]) => `| ${what} | ${ms(bare)} | ${added(bare, upstream)} | ${added(bare, obs)} |`,
  )
  return `# Cold start of a Lambda function

\`node bench/cold-start.ts\`: \`aws-lambda-ric\` with a handler that is an ES module, a runtime API that stops the process between invocations, and
a collector on the same machine. Medians of interleaved runs on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node},
on ${availableParallelism()} cores with a load average of ${loadavg()[0]?.toFixed(0)}: on a busy machine only the ratios count. Of an invocation
this package waits until all of it is delivered; upstream's preload delivers nothing before the process is frozen unless an extension thaws it.

| | bare | upstream adds | this package adds |
| --- | --- | --- | --- |
${lines.join('\n')}
`
}

function added(bare: number, value: number): string {
  return `${value < bare ? '-' : '+'}${ms(Math.abs(value - bare))}`
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
