/** Statements begin with one of these. Any other word may be part of a text and is not used as an operation name. */
const VERBS: ReadonlySet<string> = new Set(
  `ALTER ANALYZE BEGIN CALL COMMIT COPY CREATE DEALLOCATE DECLARE DELETE DESCRIBE DO DROP EXEC EXECUTE EXPLAIN FETCH GRANT HANDLER INSERT
  KILL LOAD LOCK MERGE OPTIMIZE PRAGMA PREPARE RELEASE REPLACE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW START TRUNCATE UNLOCK
  UPDATE USE VACUUM WITH XA`.split(/\s+/),
)

/** Skips comments, which some tools put before each statement. */
const FIRST_WORD = /^(?:[\s(]|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|--[^\n]*\n)*([a-z]{1,10})(?![a-z])/i

/** Returns the verb, such as `SELECT`, of a statement whose client does not provide the operation's name. */
export function verbOf(statement: unknown): string | undefined {
  if (typeof statement !== 'string') return undefined
  const word = FIRST_WORD.exec(statement)?.[1]?.toUpperCase()
  return word !== undefined && VERBS.has(word) ? word : undefined
}
