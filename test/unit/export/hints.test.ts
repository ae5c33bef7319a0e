import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hintFor } from '../../../src/export/hints.ts'
import type { OtlpProtocol } from '../../../src/settings/settings.ts'

const CASES: readonly [label: string, OtlpProtocol, endpoint: string, reason: string, expected: RegExp | undefined][] =
  [
    ['gRPC to 4318', 'grpc', 'http://c:4318', 'UNAVAILABLE: Last error: Protocol error', /HTTP port 4318; OTLP\/gRPC/],
    ['HTTP to 4317', 'http/protobuf', 'http://c:4317/v1/traces', 'Parse Error: Expected HTTP/', /gRPC port 4317/],
    ['gRPC elsewhere', 'grpc', 'http://c:9000', 'UNAVAILABLE: read ECONNRESET', /TLS.*OTLP\/HTTP/],
    ['HTTP elsewhere', 'http/json', 'http://c:9000/v1/traces', 'socket hang up', /TLS.*gRPC/],
    ['a closed port', 'grpc', 'http://c:4318', 'UNAVAILABLE: connect ECONNREFUSED 127.0.0.1:4318', /nothing listens/],
    ['no such name', 'http/protobuf', 'http://c:1/', 'getaddrinfo ENOTFOUND c', /cannot be resolved/],
    ['credentials, gRPC', 'grpc', 'http://c:4317', 'UNAUTHENTICATED: who are you', /OTEL_EXPORTER_OTLP_HEADERS/],
    [
      'credentials, HTTP',
      'http/protobuf',
      'http://c:4318/v1/traces',
      'HTTP 401 Unauthorized',
      /OTEL_EXPORTER_OTLP_HEADERS/,
    ],
    ['a wrong path', 'http/protobuf', 'http://c:4318/', 'HTTP 404 Not Found', /\/v1\/traces/],
    ['a redirect', 'http/protobuf', 'http://c:80/v1/traces', 'HTTP 301 Moved to https://c/', /where it points/],
    ['a web page', 'http/protobuf', 'http://c:80/v1/traces', 'HTTP 200 with a web page', /web server/],
    ['a proxy, gRPC', 'grpc', 'http://c:4317', 'UNAVAILABLE: HTTP 502 with content-type text/html', /behind it/],
    ['a proxy, HTTP', 'http/protobuf', 'http://c:4318/v1/traces', 'HTTP 503 Service Unavailable', /behind it/],
    [
      'too large',
      'grpc',
      'http://c:4317',
      'RESOURCE_EXHAUSTED: Received message larger than max',
      /VALUE_LENGTH_LIMIT/,
    ],
    ['TLS to plain text', 'grpc', 'https://c:4317', 'UNAVAILABLE: ssl3_get_record:wrong version number', /http:\/\//],
    ['an unknown authority', 'grpc', 'https://c:4317', 'self-signed certificate', /OTEL_EXPORTER_OTLP_CERTIFICATE/],
    ['a certificate that is not there', 'grpc', 'https://c:4317', '/x.pem cannot be read (ENOENT)', /path/],
    ['HTTP behind TLS', 'grpc', 'https://c:9000', 'UNAVAILABLE: TLS: alert no application protocol', /not gRPC/],
    ['a busy collector', 'grpc', 'http://c:4317', 'UNAVAILABLE: try later', undefined],
    [
      'a slow one',
      'http/protobuf',
      'http://c:4317/v1/traces',
      'timed out after 10000 ms',
      /OTEL_EXPORTER_OTLP_TIMEOUT/,
    ],
  ]

for (const [label, protocol, endpoint, reason, expected] of CASES) {
  test(`the hint for ${label}`, () => {
    const hint = hintFor({ protocol, endpoint }, reason)
    if (expected === undefined) assert.equal(hint, undefined)
    else assert.match(hint ?? '', expected)
  })
}
