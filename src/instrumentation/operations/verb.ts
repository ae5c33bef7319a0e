/** Statements begin with one of these; anything else is no operation's name but perhaps part of a text. */
const VERBS: ReadonlySet<string> = new Set(
  `ALTER ANALYZE BEGIN CALL COMMIT COPY CREATE DEALLOCATE DECLARE DELETE DESCRIBE DO DROP EXEC EXECUTE EXPLAIN FETCH GRANT HANDLER INSERT
  KILL LOAD LOCK MERGE OPTIMIZE PRAGMA PREPARE RELEASE REPLACE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW START TRUNCATE UNLOCK
  UPDATE USE VACUUM WITH XA`.split(/\s+/),
)

/** Behind comments, which some tools put before each statement. */
const FIRST_WORD = /^(?:[\s(]|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|--[^\n]*\n)*([a-z]{1,10})(?![a-z])/i

/** `SELECT`, of a statement that the client does not name the operation of. */
export function verbOf(statement: unknown): string | undefined {
  if (typeof statement !== 'string') return undefined
  const word = FIRST_WORD.exec(statement)?.[1]?.toUpperCase()
  return word !== undefined && VERBS.has(word) ? word : undefined
}
