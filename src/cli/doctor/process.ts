import type { InspectedExport, InspectedInstrumentation } from '../../base/inspection.ts'
import { type Check, fact, ok, problem, warning } from './check.ts'

/**
 * Checks a process by what it reports about itself: in the trial run of `paxx-obs doctor`, and on the page for a
 * running service. Free of side effects, since it runs in a browser too.
 */
export function instrumentationChecks(instrumentations: readonly InspectedInstrumentation[]): readonly Check[] {
  const patched = instrumentations.flatMap((each) => each.patched)
  const names = [...new Set(patched.map(labelOf))].toSorted()
  const checks: Check[] = [
    names.length > 0 ? ok('patched', `patched: ${names.join(', ')}`) : fact('patched', 'nothing was patched'),
  ]
  for (const { name, passedBy } of instrumentations) {
    for (const other of passedBy) {
      // Express changes what versions of router lack, which have an instrumentation of their own.
      if (names.includes(labelOf(other))) continue
      checks.push(
        warning('patched', `${labelOf(other)} was loaded but not patched`, `"${name}" does not support this version`),
      )
    }
  }
  return checks
}

/** `losses` are the numbers of lost items by reason, as in `obs_export_dropped_total`. */
export interface JudgedExport extends InspectedExport {
  readonly losses?: Readonly<Record<string, number>>
}

/** `pending` are items that were never sent. A process that is still running always has some in flight. */
export function exportChecks(exports: Readonly<Record<string, JudgedExport>>): readonly Check[] {
  return Object.entries(exports).map(([signal, { endpoint, exported, lost, pending, losses, trouble }]) => {
    if (lost + pending > 0 || trouble !== undefined) {
      const why = Object.entries(losses ?? {}).map(([reason, count]) => `${count} ${lossInWords(reason)}`)
      return problem(
        'exported',
        `${signal}: ${exported} exported, ${lost + pending} not (${[endpoint, ...why].join('; ')})`,
        trouble ?? (why.length > 0 ? adviceFor(losses ?? {}) : 'see the collector above'),
      )
    }
    if (exported > 0) return ok('exported', `${signal}: ${exported} exported to ${endpoint}`)
    return fact('exported', `${signal}: none during the run`, 'send requests while it runs; --seconds extends the run')
  })
}

interface LossWords {
  readonly words: string
  readonly advice: string
}

/** By the values of `reason` of `obs_export_dropped_total`. */
const LOSSES: Readonly<Record<string, LossWords>> = {
  queue_full: {
    words: 'found the queue full',
    advice:
      'items end faster than they are exported: raise OTEL_BSP_MAX_QUEUE_SIZE (logs: OTEL_BLRP_MAX_QUEUE_SIZE), or sample',
  },
  retained_full: {
    words: 'were dropped because the collector was unavailable for too long',
    advice: 'OBS_MAX_RETAINED_BYTES limits what is buffered meanwhile',
  },
  rejected: { words: 'were rejected by the collector', advice: "see the collector's log" },
  failed: {
    words: 'could not be sent before the process ended',
    advice: 'is the collector reachable when the process ends?',
  },
  no_worker: {
    words: 'had no export worker',
    advice: 'see stderr for why the export worker ended',
  },
}

/** Describes a reason of `obs_export_dropped_total`, for example `found the queue full`. */
export function lossInWords(reason: string): string {
  return LOSSES[reason]?.words ?? `were dropped (${reason})`
}

function adviceFor(losses: Readonly<Record<string, number>>): string {
  const advice = Object.keys(losses).map((reason) => LOSSES[reason]?.advice ?? 'see stderr')
  return [...new Set(advice)].join('; ')
}

function labelOf({ name, version }: { readonly name: string; readonly version?: string }): string {
  return version === undefined ? name : `${name} ${version}`
}
