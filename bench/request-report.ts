import { availableParallelism } from 'node:os'
import type { PeerName } from './dd-trace.ts'
import { type Cost, type RequestCosts, type RequestPlan, SAMPLED, UNSAMPLED } from './request-costs.ts'

/** Our unsampled overhead, as a fraction of the sampled one. */
const UNSAMPLED_TARGET = 0.5

export interface Versions {
  readonly upstream: string
  readonly ddTrace: string
  /** The command that measured. */
  readonly command: string
}

/** Returns the text of `bench/requests.md`. */
export function requestReport(costs: readonly RequestCosts[], plan: RequestPlan, versions: Versions): string {
  return `# The cost of a request

Written by \`${versions.command}\`: Node ${process.versions.node}, ${availableParallelism()} cores, medians of ${plan.rounds} interleaved rounds of ${plan.seconds} s after ${plan.warmUpSeconds} s
of warm-up, 16 connections. CPU time per request over all threads, and resident memory under that load, as additions to
bare Node.js. Upstream is auto-instrumentations-node ${versions.upstream} with its defaults, dd-trace is ${versions.ddTrace}. A share is ours of
what the other adds, with its target.

| | bare | \`@paxx/obs\` | upstream | dd-trace | share of upstream | share of dd-trace |
| --- | --- | --- | --- | --- | --- | --- |
${costs.map(rowOf).join('\n')}

${unsampledLine(costs)}
`
}

function rowOf({ scenario, bySubject }: RequestCosts): string {
  const { name, ofUpstream, ofDdTrace, ofMemory } = scenario
  const { bare } = bySubject
  const cell = (subject: PeerName): string =>
    `${signed(over(bySubject, subject, 'micros'), 1)} µs, ${signed(over(bySubject, subject, 'rssMegabytes'), 0)} MB`
  const share = (subject: PeerName, atMost: number | undefined): string => {
    const cpu = over(bySubject, 'obs', 'micros') / over(bySubject, subject, 'micros')
    const memory = over(bySubject, 'obs', 'rssMegabytes') / over(bySubject, subject, 'rssMegabytes')
    return `${judged(cpu, atMost)}; memory ${judged(memory, ofMemory)}`
  }
  const cells = [
    name,
    `${bare.micros.toFixed(1)} µs, ${bare.rssMegabytes.toFixed(0)} MB`,
    cell('obs'),
    cell('upstream'),
    cell('dd-trace'),
    share('upstream', ofUpstream),
    share('dd-trace', ofDdTrace),
  ]
  return `| ${cells.join(' | ')} |`
}

function over(bySubject: RequestCosts['bySubject'], subject: PeerName, of: keyof Cost): number {
  return bySubject[subject][of] - bySubject.bare[of]
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`
}

/** Returns the share and, if there is a target, whether it is met. */
function judged(share: number, atMost: number | undefined): string {
  if (atMost === undefined) return percent(share)
  return `${percent(share)} (≤ ${percent(atMost)}: ${share <= atMost ? 'ok' : 'not ok'})`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function unsampledLine(costs: readonly RequestCosts[]): string {
  const ours = (name: string): number => {
    const found = costs.find(({ scenario }) => scenario.name === name)
    return found === undefined ? Number.NaN : over(found.bySubject, 'obs', 'micros')
  }
  return `With 1 % of the traces sampled, \`@paxx/obs\` adds ${judged(ours(UNSAMPLED) / ours(SAMPLED), UNSAMPLED_TARGET)} of what it adds with all of them.`
}
