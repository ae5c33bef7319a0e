/**
 * The rows that a step of a sliced task (`src/sdk/sliced-task.ts`) handles. Few, since code that runs for the first
 * time is slow.
 */
export const ROWS_PER_STEP = 32
