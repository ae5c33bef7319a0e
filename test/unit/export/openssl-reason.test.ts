import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutOpensslTrace } from '../../../src/export/openssl-reason.ts'

const CASES = [
  [
    '40FD0A1F577F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77:',
    'TLS: wrong version number',
  ],
  [
    '400D6EE9787F0000:error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert no application protocol:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:918:SSL alert number 120',
    'TLS: tlsv1 alert no application protocol',
  ],
  ['connect ECONNREFUSED 127.0.0.1:4317', 'connect ECONNREFUSED 127.0.0.1:4317'],
] as const

for (const [reason, expected] of CASES) {
  test(`"${reason.slice(0, 50)}" is "${expected.slice(0, 50)}"`, () =>
    assert.equal(withoutOpensslTrace(reason), expected))
}
