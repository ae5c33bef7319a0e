/** Too noisy for most apps: on only when `OTEL_NODE_ENABLED_INSTRUMENTATIONS` names them. */
export const OFF_BY_DEFAULT: readonly string[] = ['dns', 'fs', 'host-metrics', 'net']
