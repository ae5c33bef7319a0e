import { serving } from './graphql.mjs'

export const build = serving(['apollo'])
