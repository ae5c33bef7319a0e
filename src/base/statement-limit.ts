/**
 * The longest database statement that is sanitised and exported, in UTF-16 code units. Longer ones are truncated: a
 * collector refuses batches of more than 4 MiB.
 */
export const MAX_STATEMENT_CHARS = 16_384
