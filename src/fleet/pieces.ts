export { inOneGo, inTurns, type Pieces } from '../turns.ts'

/** So many rows are a piece, also for code that runs for the first time. */
export const ROWS_A_PIECE = 32
