import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/paths.ts'
import { findBinary } from '../support/services/find-binary.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startPrometheus } from '../support/services/prometheus.ts'
import type { Rule } from '../support/services/prometheus.ts'
import { unavailable } from '../support/services/service.ts'
import { startServingApp } from '../support/serving-app.ts'
import { emptyUnderLoad } from '../support/under-load.ts'

/** deploy/prometheus against Prometheus' own judge, and against a real one that scrapes a real app under load. */

const FOLDER = join(ROOT, 'deploy', 'prometheus')

const CHECKS: readonly string[][] = [
  ['check', 'config', 'prometheus.yml'],
  ['check', 'rules', 'rules.yml'],
  ['test', 'rules', 'rules.test.yml'],
]

for (const args of CHECKS) {
  test(`promtool ${args.join(' ')}`, (t) => {
    const promtool = findBinary('promtool') ?? unavailable('promtool')
    if (promtool === undefined) return t.skip('promtool is not installed')
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: FOLDER, encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}${stderr}`)
  })
}

const COUNTED = 'job_endpoint:http_requests:rate5m{endpoint="/orders/:id"} > 0'

/** What an alert looks at, without the bounds above which it fires. */
function withoutBounds(query: string): string {
  return query.replaceAll(/ (?:[<>]=?|==) [\d.e+]+/g, '')
}

test('every rule finds data in what a real app serves', async (t) => {
  const postgres = await startPostgres()
  t.after(postgres.stop)
  const serving = await startServingApp(t, {
    app: join(ROOT, 'test/package/consumer-app.mjs'),
    env: { ...postgres.env, OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' },
  })
  await serving.get('/orders/1')
  const rules = [join(FOLDER, 'rules.yml')]
  const prometheus = await startPrometheus({ shop: serving.sidePort }, ['exemplar-storage'], rules)
  if (prometheus === undefined) return t.skip('prometheus is not installed')
  t.after(prometheus.stop)
  const wanted = 13
  const empty = await emptyUnderLoad(
    () => serving.get('/orders/7'),
    async () => {
      const missing: string[] = []
      const found: Rule[] = await prometheus.rules()
      assert.equal(found.length, wanted)
      for (const { type, name, query, health, lastError } of found) {
        assert.notEqual(health, 'err', `${name}: ${lastError}`)
        const expression = type === 'recording' ? name : withoutBounds(query)
        if (health !== 'ok' || (await prometheus.query(expression)).length === 0) missing.push(`${name}: ${expression}`)
      }
      // 0 until the rule was evaluated over two scrapes with requests between them.
      if ((await prometheus.query(COUNTED)).length === 0) missing.push(COUNTED)
      const scrapeError = await prometheus.scrapeError()
      return scrapeError === undefined ? missing : [...missing, scrapeError]
    },
  )
  assert.deepEqual(empty, [])
})
