import type { OtlpSettings } from '../settings/settings.ts'

type Addressed = Pick<OtlpSettings, 'endpoint' | 'protocol'>

interface Hint {
  readonly when: (reason: string, context: { grpc: boolean; port: string; tls: boolean }) => boolean
  readonly say: string
}

/** An answer from something that is no OTLP server of that protocol, as node and our transports put it. */
const OTHER_PROTOCOL =
  /Protocol error|Parse Error|ECONNRESET|EPIPE|socket hang up|Connection dropped|session error|application protocol|content-type|web page|HTTP 4\d\d|HTTP 3\d\d/i

/** From the surest sign to the vaguest; the first that fits is said. */
const HINTS: readonly Hint[] = [
  {
    when: (reason) => /UNAUTHENTICATED|PERMISSION_DENIED|HTTP 40[13]\b/.test(reason),
    say: 'check the credentials in OTEL_EXPORTER_OTLP_HEADERS',
  },
  {
    when: (reason) => /larger than max|HTTP 413\b/.test(reason),
    say: 'one item alone is too large for it: lower OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT, or raise its limit',
  },
  {
    when: (reason) => /wrong version number|packet length too long|EPROTO/i.test(reason),
    say: 'it does not speak TLS there: an http:// endpoint?',
  },
  { when: (reason) => reason.includes('cannot be read'), say: 'check the path and who may read it' },
  {
    when: (reason) => /certificate|self[- ]signed|altname/i.test(reason),
    say: 'name its authority in OTEL_EXPORTER_OTLP_CERTIFICATE',
  },
  {
    when: (reason, { grpc, port }) => grpc && port === '4318' && OTHER_PROTOCOL.test(reason),
    say: 'this looks like the HTTP port 4318; OTLP/gRPC usually listens on 4317',
  },
  {
    when: (reason, { grpc, port }) => !grpc && port === '4317' && OTHER_PROTOCOL.test(reason),
    say: 'this looks like the gRPC port 4317; OTLP/HTTP usually listens on 4318',
  },
  {
    when: (reason, { grpc }) => grpc && reason.includes('UNIMPLEMENTED'),
    say: 'is this the address of an OTLP/gRPC receiver?',
  },
  {
    when: (reason, { grpc }) => !grpc && /HTTP 40[45]\b/.test(reason),
    say: 'OTLP/HTTP takes traces at /v1/traces, metrics at /v1/metrics and logs at /v1/logs: check the path of the endpoint',
  },
  {
    when: (reason) => /HTTP 3\d\d/.test(reason),
    say: 'redirects are not followed: set the endpoint to where it points',
  },
  {
    when: (reason) => /HTTP 50[234]\b/.test(reason),
    say: 'a proxy answers: the collector behind it may be down',
  },
  {
    when: (reason) => /web page|HTTP 200 with/i.test(reason),
    say: 'this is a web server and no OTLP receiver',
  },
  {
    when: (reason, { grpc, tls }) => OTHER_PROTOCOL.test(reason) && !tls && grpc,
    say: 'it may speak TLS (https://) or OTLP/HTTP (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)',
  },
  {
    when: (reason, { grpc, tls }) => OTHER_PROTOCOL.test(reason) && !tls && !grpc,
    say: 'it may speak TLS (https://) or gRPC (OTEL_EXPORTER_OTLP_PROTOCOL=grpc)',
  },
  {
    when: (reason, { grpc, tls }) => /application protocol/.test(reason) && tls && grpc,
    say: 'it speaks TLS but no gRPC: OTLP/HTTP (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)?',
  },
  { when: (reason) => reason.includes('ECONNREFUSED'), say: 'nothing listens there' },
  {
    when: (reason) => /ENOTFOUND|EAI_AGAIN/.test(reason),
    say: 'the name cannot be resolved',
  },
]

/** What is likely wrong with an address that answers like this; undefined when nothing better than the reason is known. */
export function hintFor({ endpoint, protocol }: Addressed, reason: string): string | undefined {
  const url = URL.parse(endpoint)
  const context = { grpc: protocol === 'grpc', port: url?.port ?? '', tls: url?.protocol === 'https:' }
  return HINTS.find(({ when }) => when(reason, context))?.say
}
