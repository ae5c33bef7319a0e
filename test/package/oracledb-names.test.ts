import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/paths.ts'

/** The instrumentation as it is bundled, with what oracledb gives it: a server of Oracle's is not to be had in tests. */
const { Instrumentation } = createRequire(import.meta.url)(join(ROOT, 'dist/instrumentation-oracledb.cjs')) as {
  Instrumentation: new (config: object) => {
    init(): { patch(exports: object): unknown }[]
    setTracerProvider(provider: object): void
  }
}

interface TraceHandler {
  onEnterFn(call: object): void
  onExitFn(call: object): void
}

const STATEMENTS: Readonly<Record<string, string>> = {
  "SELECT'Sesame12345' FROM dual": 'SELECT',
  '/* for Sesame12345 */ SELECT 1 FROM dual': 'SELECT',
  '-- for Sesame12345\n(SELECT 1 FROM dual)': 'SELECT',
  'BEGIN shop.pay(:1); END;': 'BEGIN',
}

test('the span of a statement of oracledb is named after its operation alone', () => {
  const names: string[] = []
  const span = { updateName: (name: string) => names.push(name), setAttribute() {}, setAttributes() {}, end() {} }
  const instrumentation = new Instrumentation({})
  instrumentation.setTracerProvider({ getTracer: () => ({ startSpan: () => span }) })
  const [definition] = instrumentation.init()
  let handler: TraceHandler | undefined
  class TraceHandlerBase {
    enable(): void {}
  }
  definition?.patch({
    traceHandler: { TraceHandlerBase, setTraceInstance: (made: TraceHandler) => (handler = made) },
  })
  const operation = 'oracledb.ExecuteMessage'
  for (const statement of Object.keys(STATEMENTS)) {
    const call = { operation, callLevelConfig: { statement }, connectLevelConfig: {} }
    handler?.onEnterFn(call)
    handler?.onExitFn(call)
  }
  assert.deepEqual(
    names,
    Object.values(STATEMENTS).map((name) => `${operation}:${name}`),
  )
})
