import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InspectedInstrumentation } from '../../../../src/base/inspection.ts'
import { instrumentationChecks } from '../../../../src/cli/doctor/process.ts'

const ROUTER = { name: 'router', version: '2.3.0' }

function instrumentation(name: string, what: Partial<InspectedInstrumentation>): InspectedInstrumentation {
  return { name, patched: [], passedBy: [], ...what } as InspectedInstrumentation
}

test('a package that no instrumentation patched is a warning', () => {
  const checks = instrumentationChecks([instrumentation('express', { passedBy: [ROUTER] })])
  assert.deepEqual(
    checks.map(({ status, text }) => [status, text]),
    [
      ['info', 'nothing was patched'],
      ['warning', 'router 2.3.0 was loaded but not patched'],
    ],
  )
})

test('a package that one instrumentation leaves to another is patched', () => {
  const checks = instrumentationChecks([
    instrumentation('express', { passedBy: [ROUTER] }),
    instrumentation('router', { patched: [ROUTER] }),
  ])
  assert.deepEqual(
    checks.map(({ status, text }) => [status, text]),
    [['ok', 'patched: router 2.3.0']],
  )
})
