import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { withProcessMetrics } from '../../../src/sideport/process-metrics.ts'
import { collected, textOf } from '../../support/collected-metrics.ts'

/** Samples by name and labels, as a scraper of the text format sees them. */
async function samples(): Promise<Map<string, number>> {
  const text = textOf(await withProcessMetrics(await collected(() => {})))
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

function near(actual: number | undefined, expected: number, share: number, what: string): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= expected * share, `${what}: ${actual}, ${expected}`)
}

test('memory, processor time and start are those of the process', async () => {
  const found = await samples()
  const { rss, heapTotal } = process.memoryUsage()
  near(found.get('process_resident_memory_bytes'), rss, 0.2, 'resident')
  near(found.get('nodejs_heap_size_total_bytes'), heapTotal, 0.3, 'heap')
  assert.ok((found.get('nodejs_heap_size_used_bytes') ?? Infinity) <= heapTotal * 1.3)
  assert.ok((found.get('nodejs_external_memory_bytes') ?? 0) > 0)
  const startS = Date.now() / 1000 - process.uptime()
  assert.ok(Math.abs((found.get('process_start_time_seconds') ?? 0) - startS) < 1)
  const user = found.get('process_cpu_user_seconds_total') ?? Number.NaN
  const system = found.get('process_cpu_system_seconds_total') ?? Number.NaN
  near(found.get('process_cpu_seconds_total'), user + system, 1e-6, 'sum')
  near(user, process.cpuUsage().user / 1e6, 0.5, 'user')
})

test('processor time never goes back', async () => {
  const before = (await samples()).get('process_cpu_seconds_total') ?? Number.NaN
  const { user } = process.cpuUsage()
  while (process.cpuUsage().user - user < 60_000);
  const after = (await samples()).get('process_cpu_seconds_total') ?? Number.NaN
  assert.ok(after - before >= 0.03, `${before} → ${after}`)
})

test('the version of Node is a label', async () => {
  const [major, minor, patch] = process.versions.node.split('.')
  const name = `nodejs_version_info{version="${process.version}",major="${major}",minor="${minor}",patch="${patch}"}`
  assert.equal((await samples()).get(name), 1)
})

test('a type of resources that were all released is reported as 0', async () => {
  const timers = Array.from({ length: 5 }, () => setTimeout(() => {}, 60_000))
  const during = (await samples()).get('nodejs_active_resources{type="Timeout"}') ?? 0
  for (const timer of timers) clearTimeout(timer)
  const after = (await samples()).get('nodejs_active_resources{type="Timeout"}')
  assert.ok(during >= 5, `${during}`)
  assert.ok(after !== undefined && after <= during - 5, `${during} → ${after}`)
})

test(
  'file descriptors and their limit',
  { skip: process.platform !== 'linux' && 'Linux alone tells them' },
  async () => {
    const before = (await samples()).get('process_open_fds') ?? 0
    const opened = Array.from({ length: 10 }, () => openSync(process.execPath, 'r'))
    const found = await samples()
    for (const file of opened) closeSync(file)
    assert.ok(Math.abs((found.get('process_open_fds') ?? 0) - before - 10) <= 2, `${before}`)
    assert.ok((found.get('process_open_fds') ?? Infinity) <= readdirSync('/proc/self/fd').length + 13)
    assert.ok((found.get('process_max_fds') ?? 0) >= 64)
    assert.ok((found.get('process_virtual_memory_bytes') ?? 0) > process.memoryUsage.rss())
  },
)
