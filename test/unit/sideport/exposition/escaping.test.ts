import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeLabelName, escapeName } from '../../../../src/sideport/exposition/escaping.ts'
import type { EscapingScheme } from '../../../../src/sideport/exposition/escaping.ts'

/** https://prometheus.io/docs/instrumenting/escaping_schemes/ */
const NAMES: [scheme: EscapingScheme, name: string, escaped: string][] = [
  ['allow-utf-8', 'metric.name/ö', 'metric.name/ö'],
  ['underscores', 'metric.name/with/slashes', 'metric_name_with_slashes'],
  ['underscores', 'plain_name:x', 'plain_name:x'],
  ['underscores', '1st.metric', '_st_metric'],
  ['underscores', 'a😀b', 'a_b'],
  ['dots', 'metric.name.with.dots', 'metric_dot_name_dot_with_dot_dots'],
  ['dots', 'http_requests_total', 'http__requests__total'],
  ['dots', 'a/b', 'a_b'],
  ['values', 'metric.name', 'U__metric_2E_name'],
  ['values', 'metric_name', 'metric_name'],
  ['values', 'metric_name.x', 'U__metric__name_2E_x'],
  ['values', 'a😀', 'U__a_1F600_'],
  ['values', '1x', 'U___31_x'],
]

for (const [scheme, name, escaped] of NAMES) {
  test(`${scheme}: ${name} is ${escaped}`, () => assert.equal(escapeName(name, scheme), escaped))
}

const LABELS: [scheme: EscapingScheme, label: string, escaped: string][] = [
  ['underscores', 'http.route', 'http_route'],
  // A colon is for metric names only.
  ['underscores', 'a:b', 'a_b'],
  ['dots', 'a:b.c', 'a_b_dot_c'],
  ['values', 'a:b', 'U__a_3A_b'],
  // No spelling of a label may become the metric's name.
  ['dots', '_name_', '_name_'],
  ['underscores', '.-name__', '_name_'],
]

for (const [scheme, label, escaped] of LABELS) {
  test(`label ${label} with ${scheme} is ${escaped}`, () => assert.equal(escapeLabelName(label, scheme), escaped))
}
