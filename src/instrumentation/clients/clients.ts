import type { Attributes } from '@opentelemetry/api'

/** What is to be known of a database client to tell its operations from the other spans of its instrumentation. */
export interface DatabaseClient {
  /** The instrumentation's default of this option, where it has one. */
  readonly requiresParentSpan?: boolean
  /** Spans that are no operation of the database. */
  readonly leftOut?: ReadonlySet<string>
  /** The driver below, by `db.system.name`: where it is watched in this process, it is the driver's operations that count. */
  readonly drivers?: Readonly<Record<string, string>>
  /** The conventional name of a system that the instrumentation calls otherwise. */
  readonly systems?: Readonly<Record<string, string>>
  /** The operation, where only the span's name tells it. */
  readonly operationOf?: (spanName: string) => string
}

/**
 * By the instrumentation's short name. `pg` and `oracledb` are not here: their instrumentations record the metric themselves, for
 * every operation.
 */
export const CLIENTS: Readonly<Record<string, DatabaseClient>> = {
  'aws-sdk': {},
  'cassandra-driver': { operationOf: (spanName) => spanName.slice('cassandra-driver.'.length) },
  ioredis: { requiresParentSpan: true, leftOut: new Set(['connect']) },
  knex: {
    requiresParentSpan: false,
    drivers: { postgresql: 'pg', mysql: 'mysql', mysql2: 'mysql2', mssql: 'tedious', oracledb: 'oracledb' },
    systems: {
      'better-sqlite3': 'sqlite',
      mssql: 'microsoft.sql_server',
      mysql2: 'mysql',
      oracledb: 'oracle.db',
      pgnative: 'postgresql',
    },
  },
  memcached: {},
  mongodb: { requiresParentSpan: true },
  mongoose: { requiresParentSpan: false, drivers: { mongodb: 'mongodb' } },
  mysql: {},
  mysql2: {},
  redis: { requiresParentSpan: false, leftOut: new Set(['redis-connect']) },
  tedious: {},
}

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

/** Some clients let the app name a command; what does not look like a name is not made a label. */
const NAME = /^[A-Za-z][\w .:-]{0,63}$/

export function operationNameOf(
  { operationOf }: DatabaseClient,
  spanName: string,
  attributes: Attributes,
): string | undefined {
  const name = attributes['db.operation.name'] ?? operationOf?.(spanName)
  if (typeof name === 'string') return NAME.test(name) ? name : '_OTHER'
  return verbOf(attributes['db.query.text'])
}
