/**
 * The services that `init` adds to a compose file, indented by two spaces. Their versions were current in November
 * 2026.
 */
export interface ComposeService {
  readonly name: string
  /** Matches images of this service, whatever the service's name. */
  readonly image: RegExp
  /** The ports that it publishes on the host. */
  readonly ports: readonly number[]
  /** `ports` in the same order, with replacements for ports that are taken. */
  readonly text: (ports: readonly number[]) => string
  /** Whether another port can be used, because only people use it. */
  readonly movable?: true
}

export const JAEGER_PAGE_PORT = 16686

/** Jaeger 2 listens for OTLP by default, on all addresses in its container. Its base image has busybox' wget. */
export const JAEGER: ComposeService = {
  name: 'jaeger',
  image: /(?:^|\/)jaegertracing\//,
  ports: [JAEGER_PAGE_PORT, 4317],
  text: ([ui, otlp]) => `\
jaeger:
  image: jaegertracing/jaeger:2.11.0
  ports:
    - "${ui}:16686" # http://localhost:${ui}
    - "${otlp}:4317" # OTLP over gRPC
  healthcheck:
    test: ["CMD", "wget", "-q", "--spider", "http://localhost:13133/status"]
    interval: 5s
    timeout: 3s
    retries: 12
`,
}

export const PROMETHEUS: ComposeService = {
  name: 'prometheus',
  image: /(?:^|\/)prom\/prometheus(?:$|[:@])/,
  ports: [9090],
  movable: true,
  text: ([port]) => `\
prometheus:
  image: prom/prometheus:v3.5.0
  command: ["--config.file=/etc/prometheus/prometheus.yml", "--enable-feature=exemplar-storage"]
  volumes:
    - ./observability/prometheus:/etc/prometheus:ro
  ports:
    - "${port}:9090" # http://localhost:${port}
  extra_hosts:
    - "host.docker.internal:host-gateway"
  healthcheck:
    test: ["CMD", "wget", "-q", "--spider", "http://localhost:9090/-/ready"]
    interval: 5s
    timeout: 3s
    retries: 12
`,
}

export const GRAFANA: ComposeService = {
  name: 'grafana',
  image: /(?:^|\/)grafana\/grafana(?:-oss|-enterprise)?(?:$|[:@])/,
  // Grafana's own 3000 is a common port of Node.js apps.
  ports: [3001],
  movable: true,
  text: ([port]) => `\
grafana:
  image: grafana/grafana:12.4.2
  environment:
    GF_AUTH_ANONYMOUS_ENABLED: "true"
    GF_AUTH_ANONYMOUS_ORG_ROLE: Admin
  volumes:
    - ./observability/grafana/provisioning:/etc/grafana/provisioning:ro
    - ./observability/grafana/dashboards:/var/lib/grafana/dashboards:ro
  ports:
    - "127.0.0.1:${port}:3000" # http://localhost:${port}
`,
}
