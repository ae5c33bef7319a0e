/** So many rows are a piece of work in turns (`src/sdk/turns.ts`), also for code that runs for the first time. */
export const ROWS_A_PIECE = 32
