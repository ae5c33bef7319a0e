import { failing } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

/** Prisma 7, whose driver adapters ask the driver. */
export const service = 'postgres'
export const folder = 'on-request'
export const packageName = '@prisma/client'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
export const beside = /^pg\.connect$/

export async function connect(load, env) {
  const { PrismaClient } = await load('@prisma/client')
  const { PrismaPg } = await load('@prisma/adapter-pg')
  const { host, port, user, database, password } = connectionOf(env)
  return new PrismaClient({ adapter: new PrismaPg({ host, port, user, password, database, max: 1 }) })
}

export async function setUp(load, env) {
  const prisma = await connect(load, env)
  await prisma.$executeRawUnsafe('DROP TABLE IF EXISTS of_prisma')
  await prisma.$executeRawUnsafe('CREATE TABLE of_prisma (id integer PRIMARY KEY, text text)')
  return { prisma }
}

export const steps = {
  queries: {
    async run({ prisma }, mark) {
      await prisma.item.create({ data: { id: 1, text: 'secret' } })
      mark('after create')
      await prisma.item.findMany({ where: { text: 'secret' } })
      await prisma.$queryRaw`SELECT ${'secret'}::text`
      mark('after a raw query')
    },
    spans: named('INSERT', 'SELECT', 'SELECT'),
  },
  transaction: {
    async run({ prisma }, mark) {
      await failing(
        prisma.$transaction(async (within) => {
          await within.item.create({ data: { id: 2 } })
          mark('within')
          await within.item.create({ data: { id: 2 } })
        }),
      )
      mark('after')
    },
    spans: [...named('BEGIN', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  errors: {
    async run({ prisma }, mark) {
      await failing(prisma.nope.findMany())
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
