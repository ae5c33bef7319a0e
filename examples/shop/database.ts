import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/** PostgreSQL inside of this process: nothing to install, and gone with it. */
export interface Database {
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

const SCHEMA = `
  CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price_cents int NOT NULL);
  CREATE TABLE orders (
    id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    product_id int NOT NULL REFERENCES products,
    quantity int NOT NULL,
    total_cents int NOT NULL
  );
  INSERT INTO products VALUES (1, 'Teapot', 2490), (2, 'Cup', 690), (3, 'Kettle', 3990), (4, 'Tea', 850);
`

export async function startDatabase(port: number): Promise<Database> {
  const db = await PGlite.create()
  await db.exec(SCHEMA)
  // The default of one connection resets the second one of a pool.
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 10 })
  await server.start()
  return {
    env: { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres', PGDATABASE: 'postgres' },
    close: async () => {
      await server.stop()
      await db.close()
    },
  }
}
