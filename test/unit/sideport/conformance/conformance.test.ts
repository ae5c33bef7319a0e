import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collected } from '../../../support/collected-metrics.ts'
import { upstream, ours } from './compared-exporters.ts'
import type { Expose } from './compared-exporters.ts'
import type { Outcome, Requirement } from './requirement.ts'
import { REQUIREMENTS } from './statements.ts'

/** Both exporters over the same data. What upstream does is recorded in the table, and the record is held to be true. */

async function outcome(expose: Expose, requirement: Requirement): Promise<{ outcome: Outcome; reason?: unknown }> {
  const { record = () => {}, resource = {}, changed = (result) => result, asked = {}, check } = requirement
  const result = changed(await collected(record, resource))
  const shown = await expose(result, asked)
  const type = asked.accept?.split(/[;,]/)[0] ?? ''
  try {
    check(shown)
    return { outcome: 'met' }
  } catch (reason) {
    const isSpoken =
      type === '' || (shown.contentType.startsWith(type) && !isVersioned(asked.accept, shown.contentType))
    return { outcome: isSpoken ? 'unmet' : 'not offered', reason }
  }
}

/** Asked for a version, and answered without any. */
function isVersioned(accept: string | undefined, contentType: string): boolean {
  return accept?.includes('version=') === true && !contentType.includes('version=')
}

for (const requirement of REQUIREMENTS) {
  const { level, section, words } = requirement
  test(`${section}: ${level} ${words}`, async () => {
    const own = await outcome(ours, requirement)
    assert.equal(own.outcome, 'met', String(own.reason))
    const theirs = await outcome(upstream, requirement)
    assert.equal(theirs.outcome, requirement.upstream, String(theirs.reason))
  })
}
