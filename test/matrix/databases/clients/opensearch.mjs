import { callback, setUp as setUpFor, steps as stepsFor } from '../search-steps.mjs'

export const service = 'search-engine'
export const packageName = '@opensearch-project/opensearch'
/** The requests that carry an operation have no spans; they are measured. */
export const metrics = ['http_client_request_duration_seconds_count']
export const attributes = { 'db.system.name': 'opensearch' }
/** The question what was heard. */
export const beside = /^GET$/
export const setUp = setUpFor('@opensearch-project/opensearch')
export const steps = { ...stepsFor({ takesBody: true }), ...callback }
