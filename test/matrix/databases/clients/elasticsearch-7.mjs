import { callback, setUp as setUpFor, steps as stepsFor } from '../search-steps.mjs'

export const service = 'search-engine'
export const folder = 'lowest'
export const packageName = '@elastic/elasticsearch'
export const attributes = { 'db.system.name': 'elasticsearch' }
/** The question what was heard. */
export const beside = /^GET$/
export const setUp = setUpFor('@elastic/elasticsearch')
export const steps = { ...stepsFor({ takesBody: true }), ...callback }
