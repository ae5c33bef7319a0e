/**
 * What the patches of several SQL clients share: a span's name and a metric's label are a statement up to its first space in
 * their instrumentations, which may be far behind the first value.
 */

/** The position behind the first word of a statement. */
export const firstWordEnd = (statement: string): string => `${statement}.search(/\\W/)`

/** A statement without the comments and parentheses that it begins with. */
export const WITHOUT_COMMENT: string = String.raw`?.replace(/^(?:[\s(]|\/\*[^]*?\*\/|--[^\n]*)+/, "")`
