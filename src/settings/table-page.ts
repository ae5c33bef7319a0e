import type { SettingRow } from './row.ts'

/** Settings for development: the page of the side port, and requests on stderr. */
export const PAGE_ROWS: readonly SettingRow[] = [
  {
    name: 'OBS_PAGE',
    section: 'own',
    type: 'enum',
    values: ['auto', 'true', 'false'],
    default: 'auto',
    doc: 'The page at `/` of the side port. `auto`: on when the side port listens on loopback only and `NODE_ENV` is not `production`; otherwise it needs `true` and a password or client certificates.',
  },
  {
    name: 'OBS_PAGE_BUFFER',
    section: 'own',
    type: 'integer',
    unit: 'bytes',
    min: 0,
    default: 1_048_576,
    doc: 'Limit of the memory for the last exported spans and log records, which the page shows when it is opened; 0: the page starts empty.',
  },
  {
    name: 'OBS_PAGE_HOSTS',
    section: 'own',
    type: 'list',
    default: [],
    doc: "Host names under which the page opens when the side port is reachable over the network, besides addresses, `localhost` and the machine's name; `*.example.com` matches subdomains.",
  },
  {
    name: 'OBS_PRINT',
    section: 'own',
    type: 'boolean',
    lenient: true,
    default: false,
    doc: 'Write each finished request to stderr as a tree of its spans, for development without a browser.',
  },
]
