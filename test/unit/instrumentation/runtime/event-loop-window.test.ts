import assert from 'node:assert/strict'
import { createHistogram } from 'node:perf_hooks'
import type { RecordableHistogram } from 'node:perf_hooks'
import { test } from 'node:test'
import { EventLoopWindow } from '../../../../src/instrumentation/runtime/event-loop-window.ts'

const RESOLUTION_MS = 20

function windowed(): { window: EventLoopWindow; late: (ms: number, times?: number) => void } {
  const monitors: [RecordableHistogram, RecordableHistogram] = [createHistogram(), createHistogram()]
  return {
    window: new EventLoopWindow(monitors, RESOLUTION_MS),
    late(ms, times = 1) {
      // As node's monitor does: the time between two samples.
      for (const monitor of monitors) {
        for (let n = 0; n < times; n++) monitor.record(Math.max(1, Math.round((RESOLUTION_MS + ms) * 1e6)))
      }
    },
  }
}

const close = (actual: number | undefined, expectedMs: number): void =>
  assert.ok(actual !== undefined && Math.abs(actual * 1000 - expectedMs) < 0.3, `${actual} s of ${expectedMs} ms`)

test('the delay is the same for every reader', () => {
  const { window, late } = windowed()
  late(1, 95)
  late(100, 5)
  for (let reading = 0; reading < 2; reading++) {
    const delays = window.delays()
    close(delays?.min, 1)
    close(delays?.p50, 1)
    close(delays?.p90, 1)
    close(delays?.p99, 100)
    close(delays?.max, 100)
    close(delays?.mean, 5.95)
    close(delays?.stddev, 21.6)
  }
})

test('a delay is reported for at least one turn and at most two', () => {
  const { window, late } = windowed()
  window.turn()
  late(500)
  late(1, 10)
  close(window.delays()?.max, 500)
  window.turn()
  late(1, 10)
  close(window.delays()?.max, 500)
  window.turn()
  close(window.delays()?.max, 1)
})

test('too few samples give no values, and no value is negative', () => {
  const { window, late } = windowed()
  late(-1, 4)
  assert.equal(window.delays(), undefined)
  late(-1)
  assert.deepEqual([window.delays()?.min, window.delays()?.p99], [0, 0])
})

test('utilization is between 0 and 1', () => {
  const { window } = windowed()
  for (let turn = 0; turn < 3; turn++) {
    const utilization = window.utilization()
    assert.ok(utilization >= 0 && utilization <= 1, String(utilization))
    window.turn()
  }
})
