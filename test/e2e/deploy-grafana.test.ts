import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { dashboard } from '../../scripts/dashboard.ts'
import { ROOT } from '../support/paths.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startPrometheus } from '../support/services/prometheus.ts'
import { startServingApp } from '../support/serving-app.ts'
import { emptyUnderLoad } from '../support/under-load.ts'

/** deploy/grafana: a dashboard whose every query finds data in what a real app serves. */

interface Dashboard {
  readonly panels: readonly {
    readonly id: number
    readonly type: string
    readonly title: string
    readonly description?: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets?: readonly { readonly expr: string; readonly exemplar: boolean }[]
  }[]
}

const FILE = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/obs.json'), 'utf8')) as Dashboard

test('the file is generated from the table of panels', () => {
  assert.deepEqual(FILE, JSON.parse(JSON.stringify(dashboard())), 'run `node scripts/dashboard.ts`')
})

test('panels have unique ids and positions, and descriptions', () => {
  const cells = new Set<string>()
  for (const { type, title, description, gridPos } of FILE.panels) {
    assert.ok(type === 'row' || (description ?? '') !== '', title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(x < 24 && !cells.has(`${x},${y}`), `${title} overlaps`)
        cells.add(`${x},${y}`)
      }
    }
  }
  assert.equal(new Set(FILE.panels.map(({ id }) => id)).size, FILE.panels.length)
})

/** As Grafana fills in "all", and an interval that fits a scrape each half second. */
function filledIn(expr: string): string {
  return expr.replaceAll('$job', '.*').replaceAll('$instance', '.*').replaceAll('$__rate_interval', '5s')
}

test('every query finds data', async (t) => {
  const postgres = await startPostgres()
  t.after(postgres.stop)
  const serving = await startServingApp(t, {
    app: join(ROOT, 'test/package/consumer-app.mjs'),
    // Small spaces, so that garbage is collected in the few seconds of a test.
    nodeArgs: ['--max-semi-space-size=1'],
    env: { ...postgres.env, OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' },
  })
  const prometheus = await startPrometheus({ shop: serving.sidePort }, ['exemplar-storage'])
  if (prometheus === undefined) return t.skip('prometheus is not installed')
  t.after(prometheus.stop)
  const request = async (): Promise<void> => {
    await serving.get('/orders/7')
    await serving.get('/orders/none')
  }
  const queries = FILE.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [title, filledIn(expr)] as const),
  )
  assert.ok(queries.length > 25)
  const withExemplars = new Set(
    FILE.panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr, exemplar }) => (exemplar ? [/\w+_bucket/.exec(expr)?.[0] ?? expr] : [])),
    ),
  )
  const failed = queries.find(([title]) => title === 'Failed')?.[1] ?? ''
  const empty = await emptyUnderLoad(request, async () => {
    const found = await Promise.all(
      queries.map(async ([title, query]) =>
        (await prometheus.query(query)).length === 0 ? [`${title}: ${query}`] : [],
      ),
    )
    for (const series of withExemplars) {
      if ((await prometheus.exemplars(series)).length === 0) found.push([`exemplars of ${series}`])
    }
    // Every second request fails.
    const [share] = await prometheus.query(failed)
    const isSeen = Number(share?.value[1]) > 0.1
    return isSeen ? found.flat() : [...found.flat(), `the share of the failed: ${JSON.stringify(share)}`]
  })
  assert.deepEqual(empty, [])
})
