import type { IntegerRow } from './row.ts'

/**
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#attribute-limits and the two
 * sections after it.
 */
export const LIMITS_ROWS: readonly IntegerRow[] = [
  length('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'Length limit of attribute values.'),
  count('OTEL_ATTRIBUTE_COUNT_LIMIT', 'Limit of attributes.'),
  length('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'Length limit of attribute values of a span.', true),
  count('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'Limit of attributes of a span.', true),
  count('OTEL_SPAN_EVENT_COUNT_LIMIT', 'Limit of events of a span.'),
  count('OTEL_SPAN_LINK_COUNT_LIMIT', 'Limit of links of a span.'),
  count('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', "Limit of attributes of a span's event."),
  count('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', "Limit of attributes of a span's link."),
  length('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'Length limit of attribute values of a log record.', true),
  count('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'Limit of attributes of a log record.', true),
  {
    name: 'OBS_MAX_EXPORT_BYTES',
    section: 'own',
    type: 'integer',
    unit: 'bytes',
    min: 1024,
    default: 4_128_768,
    doc: 'Maximum size of a batch, before compression; larger ones are split. Collectors accept 4 MiB by default.',
  },
]

function count(name: string, doc: string, general = false): IntegerRow {
  const fallback = general ? { fallback: 'OTEL_ATTRIBUTE_COUNT_LIMIT' } : undefined
  return { name, section: 'limits', type: 'integer', min: 0, default: 128, doc, ...fallback }
}

function length(name: string, doc: string, general = false): IntegerRow {
  const fallback = general ? { fallback: 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT' } : undefined
  return { name, section: 'limits', type: 'integer', min: 0, default: Infinity, doc, ...fallback }
}
