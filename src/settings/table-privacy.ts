import type { SettingRow } from './row.ts'

/** What leaves the process. */
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
    doc: 'What may leave in plain although it may be the data of your users; see "Privacy".',
  },
  {
    name: 'OBS_REDACT',
    section: 'own',
    type: 'text',
    default: undefined,
    defaultText: 'none',
    doc: 'More to hide: attributes by name or glob, regular expressions between slashes: `enduser.*,/\\b\\d{16}\\b/`.',
  },
]
