import { PRELOAD } from './start-script.ts'

/**
 * Returns a strategic merge patch: Kubernetes merges lists of containers, variables and ports by name, so the
 * Deployment keeps its own.
 */
export function kubernetesPatch(service: string): string {
  const name = dnsLabel(service)
  return `\
# kubectl patch deployment ${name} --patch-file kubernetes/obs-patch.yaml, or as a patch of a kustomization.
# The name of the container has to be the one in your Deployment.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    metadata:
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9464"
    spec:
      containers:
        - name: ${name}
          ports:
            - name: metrics
              containerPort: 9464
          env:
            - name: NODE_OPTIONS
              value: --import ${PRELOAD}
            - name: OTEL_SERVICE_NAME
              value: ${JSON.stringify(service)}
            - name: OTEL_EXPORTER_OTLP_ENDPOINT
              value: http://otel-collector:4317
            - name: OTEL_EXPORTER_PROMETHEUS_HOST
              value: 0.0.0.0
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
            - name: NODE_NAME
              valueFrom:
                fieldRef:
                  fieldPath: spec.nodeName
`
}

/** Converts a service name to a valid Kubernetes name (RFC 1123): \`@acme/shop_api\` becomes \`acme-shop-api\`. */
function dnsLabel(service: string): string {
  const label = service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
  return label === '' ? 'app' : label
}
