import type { SettingRow } from './row.ts'

/** Settings for what is exported. */
export const PRIVACY_ROWS: readonly SettingRow[] = [
  {
    name: 'OBS_CAPTURE',
    section: 'own',
    type: 'enums',
    values: [
      'query',
      'headers',
      'sql',
      'redis',
      'mongodb',
      'memcached',
      'graphql',
      'messages',
      'genai',
      'arguments',
      'all',
      'none',
    ],
    default: [],
    doc: 'Data to export unredacted although it may come from your users; see docs/privacy.md.',
  },
  {
    name: 'OBS_REDACT',
    section: 'own',
    type: 'text',
    default: undefined,
    defaultText: 'none',
    doc: 'More to redact: attributes by name or glob, and regular expressions between slashes: `enduser.*,/\\b\\d{16}\\b/`.',
  },
]
