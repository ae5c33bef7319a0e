/**
 * The number of rows that one step of a sliced task (`src/sdk/sliced-task.ts`) handles. It is small, because code that
 * runs for the first time is slow.
 */
export const ROWS_PER_STEP = 32
