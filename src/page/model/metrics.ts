import type { HistogramPoint, MetricsMessage, NumberPoint, PointMessage } from '../messages.ts'
import { quantile, since, sumOf } from './quantile.ts'

/** There is a reading every two seconds, so this is five minutes. */
const MAX_READINGS = 150
/** The number of readings over which a rate is computed. */
const RATE_READINGS = 15

export interface RouteRow {
  readonly method: string
  readonly route: string
  readonly requests: number
  readonly failures: number
  /** Requests per second over the last half minute. */
  readonly rate: number
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
  /** Requests per second, one value per reading, the latest last. */
  readonly history: readonly number[]
}

/** The label for requests that no route matched. */
const UNMATCHED = '(unmatched)'

/** The latest readings of the metrics, and the values derived from them. */
export class Metrics {
  #readings: MetricsMessage[] = []

  add(reading: MetricsMessage): void {
    this.#readings.push(reading)
    if (this.#readings.length > MAX_READINGS) this.#readings.shift()
  }

  get latest(): MetricsMessage | undefined {
    return this.#readings.at(-1)
  }

  get times(): readonly number[] {
    return this.#readings.map(({ atMs }) => atMs)
  }

  /** Returns the values of a gauge or an up-down counter, summed over its series, one per reading. */
  gauge(name: string, where: (point: NumberPoint) => boolean = () => true): (number | null)[] {
    return this.#readings.map((reading) => {
      const points = numbers(pointsOf(reading, name)).filter(where)
      return points.length === 0 ? null : points.reduce((sum, { value }) => sum + value, 0)
    })
  }

  /** Returns the increase per second of a counter or of a histogram's sum, one value per reading. */
  rate(name: string): (number | null)[] {
    const totals = this.#readings.map((reading) =>
      pointsOf(reading, name).reduce((sum, point) => sum + ('value' in point ? point.value : point.sum), 0),
    )
    return totals.map((total, i) => {
      const seconds = this.#secondsAt(i)
      return seconds === undefined ? null : Math.max(0, total - (totals[i - 1] ?? 0)) / seconds
    })
  }

  /**
   * Returns the latest value of a counter or gauge, summed over the series for which `where` returns true; undefined if
   * there is none.
   */
  latestSum(name: string, where: (point: NumberPoint) => boolean = () => true): number | undefined {
    const points = this.latestPoints(name).filter(where)
    return points.length === 0 ? undefined : points.reduce((sum, { value }) => sum + value, 0)
  }

  latestPoints(name: string): readonly NumberPoint[] {
    return this.latest === undefined ? [] : numbers(pointsOf(this.latest, name))
  }

  has(name: string): boolean {
    return this.latest?.metrics.some((metric) => metric.name === name) === true
  }

  routes(): RouteRow[] {
    const points = this.#histograms('http.server.request.duration', this.#readings.length - 1)
    const byRoute = Map.groupBy(points, routeKey)
    return [...byRoute].map(([key, all]) => this.#routeRow(key, all)).toSorted((a, b) => b.requests - a.requests)
  }

  #routeRow(key: string, points: readonly HistogramPoint[]): RouteRow {
    const [method = '', route = ''] = key.split(' ')
    const total = sumOf(points)
    const last = this.#readings.length - 1
    const first = Math.max(0, last - RATE_READINGS)
    const before = first === last ? undefined : this.#routeTotal(key, first)
    const recent = total === undefined ? undefined : since(total, before)
    const seconds = ((this.#readings[last]?.atMs ?? 0) - (this.#readings[first]?.atMs ?? 0)) / 1000
    const shown = recent !== undefined && recent.count > 0 ? recent : total
    return {
      method,
      route,
      requests: total?.count ?? 0,
      failures: points.filter(isFailure).reduce((sum, { count }) => sum + count, 0),
      rate: seconds > 0 && recent !== undefined ? recent.count / seconds : 0,
      p50: shown && quantile(0.5, shown),
      p95: shown && quantile(0.95, shown),
      p99: shown && quantile(0.99, shown),
      history: this.#routeHistory(key),
    }
  }

  #routeHistory(key: string): number[] {
    const from = Math.max(0, this.#readings.length - 2 * RATE_READINGS)
    const counts = this.#readings.slice(from).map((_, i) => this.#routeTotal(key, from + i)?.count ?? 0)
    return counts
      .slice(1)
      .map((count, i) => Math.max(0, count - (counts[i] ?? 0)) / (this.#secondsAt(from + i + 1) ?? 2))
  }

  #routeTotal(key: string, reading: number): HistogramPoint | undefined {
    return sumOf(this.#histograms('http.server.request.duration', reading).filter((point) => routeKey(point) === key))
  }

  #histograms(name: string, reading: number): HistogramPoint[] {
    const of = this.#readings[reading]
    return of === undefined ? [] : pointsOf(of, name).filter((point): point is HistogramPoint => 'counts' in point)
  }

  /** Returns undefined for the first reading. */
  #secondsAt(reading: number): number | undefined {
    const [before, now] = [this.#readings[reading - 1], this.#readings[reading]]
    return before === undefined || now === undefined ? undefined : Math.max(0.001, (now.atMs - before.atMs) / 1000)
  }
}

function pointsOf({ metrics }: MetricsMessage, name: string): readonly PointMessage[] {
  return metrics.filter((metric) => metric.name === name).flatMap(({ points }) => points)
}

function numbers(points: readonly PointMessage[]): NumberPoint[] {
  return points.filter((point): point is NumberPoint => 'value' in point)
}

function routeKey({ attributes }: HistogramPoint): string {
  return `${attributes['http.request.method'] ?? ''} ${attributes['http.route'] ?? UNMATCHED}`
}

function isFailure({ attributes }: HistogramPoint): boolean {
  return Number(attributes['http.response.status_code']) >= 500 || attributes['error.type'] !== undefined
}
