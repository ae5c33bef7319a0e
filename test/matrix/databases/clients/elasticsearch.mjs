import { setUp as setUpFor, steps as stepsFor } from '../search-steps.mjs'

export const service = 'search-engine'
export const packageName = '@elastic/elasticsearch'
export const lowest = 'on-request'
/** The requests that carry an operation have no spans; they are measured. */
export const metrics = ['http_client_request_duration_seconds_count']
export const attributes = { 'db.system.name': 'elasticsearch' }
/** The question what was heard. */
export const beside = /^GET$/
export const setUp = setUpFor('@elastic/elasticsearch')
export const steps = stepsFor({ takesBody: false })
