/** Instrumentations that are given more to measure by `measures.ts`, which is loaded with the first of them. */
export const MEASURED: ReadonlySet<string> = new Set([
  'aws-sdk',
  'cassandra-driver',
  'ioredis',
  'knex',
  'memcached',
  'mongodb',
  'mongoose',
  'mysql',
  'mysql2',
  'redis',
  'tedious',
])
