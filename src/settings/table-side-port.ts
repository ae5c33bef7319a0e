import type { SettingRow } from './row.ts'

/** Who may connect to the side port. */
export const SIDE_PORT_ROWS: readonly SettingRow[] = [
  {
    name: 'OBS_SIDE_PORT_TLS_CERT',
    section: 'own',
    type: 'path',
    default: undefined,
    doc: 'PEM file of the certificate with which the side port serves HTTPS. Needs `OBS_SIDE_PORT_TLS_KEY`.',
  },
  {
    name: 'OBS_SIDE_PORT_TLS_KEY',
    section: 'own',
    type: 'path',
    default: undefined,
    doc: "PEM file of the certificate's key.",
  },
  {
    name: 'OBS_SIDE_PORT_TLS_CLIENT_CA',
    section: 'own',
    type: 'path',
    default: undefined,
    doc: 'PEM file of a CA; only clients with a certificate of that CA are accepted.',
  },
  {
    name: 'OBS_SIDE_PORT_USER',
    section: 'own',
    type: 'text',
    // RFC 7617: a colon ends the user name.
    accepts: { pattern: /^[^:]+$/, description: 'a user name without ":"' },
    default: undefined,
    doc: 'User for basic authentication on the side port. Needs `OBS_SIDE_PORT_PASSWORD_HASH`.',
  },
  {
    name: 'OBS_SIDE_PORT_PASSWORD_HASH',
    section: 'own',
    type: 'text',
    accepts: { pattern: /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, description: 'a bcrypt hash ($2b$…)' },
    default: undefined,
    sensitive: true,
    doc: "bcrypt hash of that user's password.",
  },
  {
    name: 'OBS_SIDE_PORT_TOKEN',
    section: 'own',
    type: 'text',
    accepts: { pattern: /^[\x21-\x7e]+$/, description: 'printable ASCII without spaces' },
    default: undefined,
    sensitive: true,
    doc: 'Bearer token that the side port requires.',
  },
]
