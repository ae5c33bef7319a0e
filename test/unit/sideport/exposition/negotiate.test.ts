import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiateFormat } from '../../../../src/sideport/exposition/negotiate.ts'

const TEXT_004 = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping='
const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping='

/** https://prometheus.io/docs/instrumenting/content_negotiation/; headers of Prometheus 2.42 and 3 among them. */
const CASES: [accept: string | undefined, contentType: string][] = [
  [undefined, TEXT_004],
  ['', TEXT_004],
  ['*/*', TEXT_004],
  ['text/*', TEXT_004],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT_004],
  ['text/plain', TEXT_004],
  ['text/plain;version=0.0.4;escaping=allow-utf-8', TEXT_004],
  ['text/plain;version=0.0.4;escaping=dots', TEXT_004.replace('underscores', 'dots')],
  ['text/plain;version=1.0.0', TEXT_004.replace('0.0.4', '1.0.0')],
  ['text/plain;version=1.0.0;escaping=allow-utf-8', 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8'],
  ['application/openmetrics-text', `${OPEN_METRICS}underscores`],
  ['application/openmetrics-text;version=0.0.1', `${OPEN_METRICS}underscores`.replace('1.0.0', '0.0.1')],
  ['application/openmetrics-text;version=9.9.9', TEXT_004],
  ['application/openmetrics-text;version=9.9.9,text/plain;q=0.1', TEXT_004],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    `${OPEN_METRICS}underscores`,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1',
    `${OPEN_METRICS}allow-utf-8`,
  ],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,*/*;q=0.1',
    `${PROTOBUF}underscores`,
  ],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8',
    `${PROTOBUF}allow-utf-8`,
  ],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', TEXT_004],
  ['application/vnd.google.protobuf;proto=other.Message;encoding=delimited', TEXT_004],
  // The highest q wins wherever it stands; 0 is a refusal.
  ['text/plain;q=0.2,application/openmetrics-text;version=1.0.0;q=0.9', `${OPEN_METRICS}underscores`],
  ['application/openmetrics-text;q=0,text/plain;q=0.1', TEXT_004],
  ['application/openmetrics-text;q=2,text/plain;q=0.1', TEXT_004],
  ['application/openmetrics-text;q=banana,text/plain;q=0.1', TEXT_004],
  // Case, blanks and quotes.
  ['APPLICATION/OpenMetrics-Text ; Version="1.0.0" ; Escaping=values', `${OPEN_METRICS}values`],
  // Nothing of the header but known words comes back.
  ['application/openmetrics-text;version=1.0.0;escaping=evil\r\nx: y', `${OPEN_METRICS}underscores`],
  [`${'x'.repeat(5000)},application/openmetrics-text`, TEXT_004],
]

for (const [accept, contentType] of CASES) {
  test(`Accept: ${accept?.slice(0, 120)}`, () => assert.equal(negotiateFormat(accept).contentType, contentType))
}
