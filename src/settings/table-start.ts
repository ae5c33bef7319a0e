import type { SettingRow } from './row.ts'

/** Settings that the loader reads (`src/loader/`) before all others. */
export const START_ROWS: readonly SettingRow[] = [
  {
    name: 'OBS_COMPILE_CACHE',
    section: 'own',
    type: 'path',
    default: undefined,
    defaultText: '`~/.cache/paxx-obs`',
    doc: 'Folder in which the compiled code of this package is kept between starts, which halves what a start costs; `false`: none. It has to belong to the user or root, and to be closed to writers. Counts in the environment alone.',
  },
]
