import { callback, setUp as setUpFor, steps as stepsFor } from '../search-steps.mjs'

export const service = 'search-engine'
export const folder = 'lowest'
export const library = 'elasticsearch'
export const packageName = '@elastic/elasticsearch'
/** The requests that carry an operation have no spans; they are measured. */
export const metrics = ['http_client_request_duration_seconds_count']
export const attributes = { 'db.system.name': 'elasticsearch' }
/** The question what was heard. */
export const beside = /^GET$/
export const setUp = setUpFor('@elastic/elasticsearch')
export const steps = { ...stepsFor({ takesBody: true }), ...callback }
