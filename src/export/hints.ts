import type { OtlpSettings } from '../settings/settings.ts'

type Addressed = Pick<OtlpSettings, 'endpoint' | 'protocol'>

interface Hint {
  readonly when: (reason: string, context: { grpc: boolean; port: string; tls: boolean }) => boolean
  readonly hint: string
}

/** Errors that suggest a server of another protocol, as Node.js and our transports word them. */
const OTHER_PROTOCOL =
  /Protocol error|Parse Error|ECONNRESET|EPIPE|socket hang up|Connection dropped|session error|application protocol|content-type|web page|HTTP 4\d\d|HTTP 3\d\d/i

/** Ordered from the most certain to the vaguest; the first match is used. */
const HINTS: readonly Hint[] = [
  {
    when: (reason) => /UNAUTHENTICATED|PERMISSION_DENIED|HTTP 40[13]\b/.test(reason),
    hint: 'check the credentials in OTEL_EXPORTER_OTLP_HEADERS',
  },
  {
    when: (reason) => /larger than max|HTTP 413\b/.test(reason),
    hint: 'one item alone is too large for it: lower OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT, or raise its limit',
  },
  {
    when: (reason) => /wrong version number|packet length too long|EPROTO/i.test(reason),
    hint: 'it does not speak TLS; try an http:// endpoint',
  },
  { when: (reason) => reason.includes('cannot be read'), hint: 'check the path and its permissions' },
  {
    when: (reason) => /certificate|self[- ]signed|altname/i.test(reason),
    hint: 'set OTEL_EXPORTER_OTLP_CERTIFICATE to the certificate of its CA',
  },
  {
    when: (reason, { grpc, port }) => grpc && port === '4318' && OTHER_PROTOCOL.test(reason),
    hint: 'this looks like the HTTP port 4318; OTLP/gRPC usually listens on 4317',
  },
  {
    when: (reason, { grpc, port }) => !grpc && port === '4317' && OTHER_PROTOCOL.test(reason),
    hint: 'this looks like the gRPC port 4317; OTLP/HTTP usually listens on 4318',
  },
  {
    when: (reason, { grpc }) => grpc && reason.includes('UNIMPLEMENTED'),
    hint: 'is this the address of an OTLP/gRPC receiver?',
  },
  {
    when: (reason, { grpc }) => !grpc && /HTTP 40[45]\b/.test(reason),
    hint: 'OTLP/HTTP takes traces at /v1/traces, metrics at /v1/metrics and logs at /v1/logs: check the path of the endpoint',
  },
  {
    when: (reason) => /HTTP 3\d\d/.test(reason),
    hint: 'redirects are not followed: set the endpoint to where it points',
  },
  {
    when: (reason) => /HTTP 50[234]\b/.test(reason),
    hint: 'a proxy answers: the collector behind it may be down',
  },
  {
    when: (reason) => /web page|HTTP 200 with/i.test(reason),
    hint: 'this is a web server, not an OTLP receiver',
  },
  {
    when: (reason, { grpc, tls }) => OTHER_PROTOCOL.test(reason) && !tls && grpc,
    hint: 'it may speak TLS (https://), OTLP/HTTP (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf) or no OTLP at all',
  },
  {
    when: (reason, { grpc, tls }) => OTHER_PROTOCOL.test(reason) && !tls && !grpc,
    hint: 'it may speak TLS (https://), gRPC (OTEL_EXPORTER_OTLP_PROTOCOL=grpc) or no OTLP at all',
  },
  {
    when: (reason, { grpc, tls }) => /application protocol/.test(reason) && tls && grpc,
    hint: 'it speaks TLS but not gRPC; try OTLP/HTTP (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)',
  },
  { when: (reason) => reason.includes('ECONNREFUSED'), hint: 'nothing listens there' },
  {
    when: (reason) => /timed out|ETIMEDOUT|DEADLINE_EXCEEDED/.test(reason),
    hint: 'it is overloaded, unreachable or no OTLP receiver; OTEL_EXPORTER_OTLP_TIMEOUT sets how long it has',
  },
  {
    when: (reason) => /ENOTFOUND|EAI_AGAIN/.test(reason),
    hint: 'the name cannot be resolved',
  },
]

/** Returns the likely cause of an export error; undefined when nothing is known beyond the error itself. */
export function hintFor({ endpoint, protocol }: Addressed, reason: string): string | undefined {
  const url = URL.parse(endpoint)
  const context = { grpc: protocol === 'grpc', port: url?.port ?? '', tls: url?.protocol === 'https:' }
  return HINTS.find(({ when }) => when(reason, context))?.hint
}
