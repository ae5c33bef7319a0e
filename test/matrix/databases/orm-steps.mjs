/** What ORMs and query builders over PostgreSQL have in common: their spans are the driver's, one a statement. */

/** `SELECT postgres` and its like. */
export const named = (...verbs) => verbs.map((verb) => ({ name: `${verb} postgres` }))

/** A statement about a table that is not there. */
export const MISSING = { name: 'SELECT postgres', error: '42P01', status: '42P01' }

export const connectionOf = (env) => ({
  host: env.PGHOST,
  port: Number(env.PGPORT),
  user: env.PGUSER,
  database: env.PGDATABASE,
  password: env.PGPASSWORD,
})
