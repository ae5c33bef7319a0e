import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { httpGet } from '../scrape.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import { untilListening } from './until-listening.ts'

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export interface Rule {
  readonly type: 'recording' | 'alerting'
  readonly name: string
  readonly query: string
  readonly health: 'ok' | 'err' | 'unknown'
  readonly lastError?: string
}

export interface Prometheus {
  readonly query: (expression: string) => Promise<QueryResult[]>
  /** The rules of its rule files, with the result of each rule's last evaluation. */
  readonly rules: () => Promise<Rule[]>
  /** The exemplars of a series selector, the newest last. */
  readonly exemplars: (selector: string) => Promise<{ labels: Record<string, string>; value: string }[]>
  /** Undefined if the last scrape of each target succeeded, otherwise the error. */
  readonly scrapeError: () => Promise<string | undefined>
  /** The number of samples that it discarded as duplicate, out of order or out of bounds. */
  readonly refusedSamples: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts a real Prometheus that scrapes these ports every second; returns undefined if it is not installed. */
export async function startPrometheus(
  targets: Readonly<Record<string, number>>,
  features: readonly string[],
  ruleFiles: readonly string[] = [],
): Promise<Prometheus | undefined> {
  const binary = findBinary('prometheus')
  if (binary === undefined) return unavailable('prometheus')
  const folder = mkdtempSync(join(tmpdir(), 'obs-prometheus-'))
  const jobs = Object.entries(targets).map(
    ([job, port]) => `  - job_name: ${job}\n    static_configs: [{ targets: ['127.0.0.1:${port}'] }]\n`,
  )
  const config = join(folder, 'prometheus.yml')
  const timing = '{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 500ms }'
  writeFileSync(
    config,
    `global: ${timing}\nrule_files: ${JSON.stringify(ruleFiles)}\nscrape_configs:\n${jobs.join('')}`,
  )
  const port = await freePort()
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`]
  const child = spawnChild(binary, [...flags, `--enable-feature=${features.join(',')}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await untilListening(child, port)
  await eventually(async () => (await httpGet(`http://127.0.0.1:${port}/-/ready`)).status === 200)
  const api = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const { body } = await httpGet(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, data, error } = JSON.parse(body) as { status: string; data: unknown; error: string }
    if (status !== 'success') throw new Error(error)
    return data
  }
  return {
    query: async (query) => ((await api('query', { query })) as { result: QueryResult[] }).result,
    rules: async () =>
      ((await api('rules', {})) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules),
    exemplars: async (query) => {
      const now = Date.now() / 1000
      const range = { start: String(now - 300), end: String(now + 60) }
      const data = (await api('query_exemplars', { query, ...range })) as { exemplars: never[] }[]
      return data.flatMap(({ exemplars }) => exemplars)
    },
    scrapeError: async () => {
      const { activeTargets } = (await api('targets', {})) as { activeTargets: { health: string; lastError: string }[] }
      const bad = activeTargets.find(({ health }) => health !== 'up')
      return bad === undefined ? undefined : `${bad.health}: ${bad.lastError}`
    },
    refusedSamples: async () => {
      const { body } = await httpGet(`http://127.0.0.1:${port}/metrics`)
      const counts = [...body.matchAll(/^prometheus_target_scrapes_(?:sample_\w+|exceeded\w+)_total (\d+)$/gm)]
      if (counts.length === 0) throw new Error('this Prometheus does not count what it refuses')
      return counts.reduce((sum, [, count]) => sum + Number(count), 0)
    },
    stop: async () => {
      await endChild(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
