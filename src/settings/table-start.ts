import type { SettingRow } from './row.ts'

/** Settings that the loader reads (`src/loader/`) before all others. */
export const START_ROWS: readonly SettingRow[] = [
  {
    name: 'OBS_COMPILE_CACHE',
    section: 'own',
    type: 'path',
    default: undefined,
    defaultText: '`~/.cache/paxx-obs`',
    doc: 'Folder in which the compiled code of this package is cached between starts, which halves the cost of a start; `false`: no cache. It must belong to the user or root and not be writable by others. Only read from the environment.',
  },
]
