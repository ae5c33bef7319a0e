/**
 * Instrumentations that are too noisy for most apps. They are on only if `OTEL_NODE_ENABLED_INSTRUMENTATIONS` names
 * them.
 */
export const OFF_BY_DEFAULT: readonly string[] = ['dns', 'fs', 'host-metrics', 'net']
