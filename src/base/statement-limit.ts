/**
 * The longest database statement that is sanitised and exported, in UTF-16 code units; the rest of a longer one is
 * cut off. A collector refuses batches of more than 4 MiB.
 */
export const MAX_STATEMENT_CHARS = 16_384
