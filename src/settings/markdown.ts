import type { SettingsSection, SettingRow } from './row.ts'
import { TABLE } from './table.ts'
import { valueText } from './values.ts'

const SPEC = 'https://opentelemetry.io/docs/specs/otel'

/** Title of each section, with the link to its specification. */
const SECTIONS: Readonly<Record<SettingsSection, { readonly title: string; readonly link?: string }>> = {
  general: { title: 'General', link: `${SPEC}/configuration/sdk-environment-variables/#general-sdk-configuration` },
  otlp: { title: 'OTLP', link: `${SPEC}/protocol/exporter/` },
  traces: { title: 'Traces', link: `${SPEC}/configuration/sdk-environment-variables/#batch-span-processor` },
  metrics: { title: 'Metrics', link: `${SPEC}/configuration/sdk-environment-variables/#metrics-sdk-configuration` },
  logs: { title: 'Logs', link: `${SPEC}/configuration/sdk-environment-variables/#batch-logrecord-processor` },
  limits: { title: 'Limits', link: `${SPEC}/configuration/sdk-environment-variables/#attribute-limits` },
  node: { title: 'OpenTelemetry for Node.js', link: 'https://opentelemetry.io/docs/zero-code/js/configuration/' },
  own: { title: '@paxx/obs' },
}

/** Returns the tables of docs/configuration.md: a heading and a table for each section. */
export function settingsTableMarkdown(): string {
  const parts: string[] = []
  for (const [section, { title, link }] of Object.entries(SECTIONS)) {
    parts.push(`### ${title}`, '')
    if (link !== undefined) parts.push(`[Specification](${link})`, '')
    parts.push('| Variable | Value | Default | Meaning |', '| --- | --- | --- | --- |')
    for (const row of TABLE) if (row.section === section) parts.push(line(row))
    parts.push('')
  }
  return parts.join('\n')
}

function line(row: SettingRow): string {
  const meaning = row.noEffect === undefined ? row.doc : `No effect: ${row.noEffect}.`
  const cells = [`\`${row.name}\``, acceptedText(row), defaultText(row), meaning]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** Describes the accepted values of a row. */
export function acceptedText(row: SettingRow): string {
  switch (row.type) {
    case 'boolean':
      return '`true`, `false`'
    case 'integer': {
      const range = row.max === undefined ? `≥ ${row.min}` : `${row.min}–${row.max}`
      return `${row.unit ?? 'number'}, ${range}`
    }
    case 'enum':
      return row.values.map((value) => `\`${value}\``).join(', ')
    case 'enums':
      return `list of ${row.values.map((value) => `\`${value}\``).join(', ')}`
    case 'headers':
    case 'attributes':
      return '`key=value` list'
    case 'list':
      return 'list'
    case 'url':
      return 'URL'
    case 'path':
      return 'path'
    case 'text':
      return row.accepts?.description ?? 'text'
    case 'pattern':
      return 'depends on the option'
  }
}

function defaultText(row: SettingRow): string {
  if (row.defaultText !== undefined) return row.defaultText
  if (row.fallback !== undefined) return `value of \`${row.fallback}\``
  return row.default === undefined || valueText(row.default) === 'no limit'
    ? valueText(row.default)
    : `\`${valueText(row.default)}\``
}
