import type { SettingRow } from './row.ts'

/** What is instrumented, and which requests and spans are ignored. */
export const INSTRUMENTATION_ROWS: readonly SettingRow[] = [
  {
    name: 'OBS_IGNORE_PATHS',
    section: 'own',
    type: 'list',
    default: [],
    doc: 'Paths of incoming requests to ignore: `/healthz,/ready*`.',
  },
  {
    name: 'OBS_IGNORE_HOSTS',
    section: 'own',
    type: 'list',
    default: [],
    doc: 'Hosts of outgoing requests to ignore: `vault.internal,*.amazonaws.com`.',
  },
  {
    name: 'OBS_IGNORE_FROM',
    section: 'own',
    type: 'enum',
    values: ['all', 'traces', 'metrics'],
    default: 'all',
    doc: 'Signals to which the two settings above apply.',
  },
  {
    name: 'OBS_FRAMEWORK_SPANS',
    section: 'own',
    type: 'enum',
    values: ['none', 'handlers', 'all'],
    default: 'none',
    doc: 'Additional spans of frameworks: for route handlers, or also for middlewares and hooks.',
  },
  {
    name: 'OBS_IGNORE_SCOPES',
    section: 'own',
    type: 'list',
    default: [],
    doc: 'Instrumentation scopes whose spans are ignored: `next.js,prisma*`.',
  },
  {
    name: 'OBS_NEVER_INSTRUMENT',
    section: 'own',
    type: 'list',
    default: [],
    doc: 'Main scripts not to instrument, besides known tools, by package, file name or path: `my-cli,*/scripts/*`.',
  },
  {
    name: 'OBS_ALWAYS_INSTRUMENT',
    section: 'own',
    type: 'list',
    default: [],
    doc: 'Main scripts to instrument although they are known tools: `vite`; `[eval]` stands for one-liners.',
  },
  {
    name: 'OBS_INSTRUMENTATIONS',
    section: 'own',
    type: 'list',
    default: [],
    doc: 'Additional instrumentations, by package name or path, resolved from the app.',
  },
  {
    name: 'OBS_INSTRUMENTATION_<NAME>_<OPTION>',
    section: 'own',
    type: 'pattern',
    prefix: 'OBS_INSTRUMENTATION_',
    default: undefined,
    doc:
      'Option of an instrumentation: `OBS_INSTRUMENTATION_PG_REQUIRE_PARENT_SPAN=true`. Options that take a function cannot be set; ' +
      'unknown ones are reported.',
  },
]
