import { join } from 'node:path'
import { attributes, connect, folder, service } from './prisma.mjs'

/** Prisma 7 with its own spans, on request: the driver's stand below them. */
export { attributes, folder, service }
export const library = 'prisma'
export const packageName = '@prisma/instrumentation'
export const env = { OBS_INSTRUMENTATIONS: join(import.meta.dirname, '../on-request/node_modules/@prisma/instrumentation/dist/index.js') }
export const beside = /^(?:prisma:|pg\.connect$)/

export async function setUp(load, env) {
  return { prisma: await connect(load, env) }
}

export const steps = {
  queries: {
    async run({ prisma }, mark) {
      await prisma.$queryRaw`SELECT ${'secret'}::text`
      mark('after a query')
    },
    spans: [{ name: 'SELECT postgres', parent: 'prisma:client:db_query' }],
  },
}
