import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'dotenv'
import fc from 'fast-check'
import { editEnvFile } from '../../../../src/cli/init/env-file.ts'

const WANTED = { OTEL_SERVICE_NAME: 'my shop', METRICS_ENABLED: 'true' }

test('a new file', () => {
  const edit = editEnvFile(undefined, WANTED, parse)
  assert.ok('text' in edit)
  assert.equal(
    edit.text,
    '# Telemetry: https://www.npmjs.com/package/@paxx/obs\nOTEL_SERVICE_NAME="my shop"\nMETRICS_ENABLED=true\n',
  )
})

test('CRLF, no line end at the end, a commented variable and one that is set', () => {
  const edit = editEnvFile('A=1\r\n# METRICS_ENABLED=no\r\nexport OTEL_SERVICE_NAME=x', WANTED, parse)
  assert.ok('text' in edit)
  assert.equal(
    edit.text,
    'A=1\r\n# METRICS_ENABLED=no\r\nexport OTEL_SERVICE_NAME=x\r\n\r\n# Telemetry: https://www.npmjs.com/package/@paxx/obs\r\nMETRICS_ENABLED=true\r\n',
  )
  assert.equal(edit.appended?.includes('A=1'), false)
})

test('an open quote is refused', () => {
  assert.ok('refused' in editEnvFile('A="1\nB=2\n', { ...WANTED, X: '"' }, parse))
})

test("any file keeps its content and its variables' values, and a second run changes nothing", () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(
        fc.constantFrom('A', 'OTEL_SERVICE_NAME', 'export B', '#C', ' D '),
        fc.constantFrom('=', ': ', ' ='),
        fc.string(),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('A="', "B='", 'C=`', '"', '', '\r'),
  )
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, lineEnd) => {
      const text = lines.join(lineEnd)
      const edit = editEnvFile(text, WANTED, parse)
      if (!('text' in edit)) return
      assert.ok(edit.text.startsWith(text))
      assert.deepEqual({ ...parse(edit.text) }, { ...WANTED, ...parse(text) })
      assert.ok('unchanged' in editEnvFile(edit.text, WANTED, parse))
    }),
  )
})
