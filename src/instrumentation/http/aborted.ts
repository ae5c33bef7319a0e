/**
 * `error.type` of a request whose connection closed before its response was complete, nearly always because the client
 * disconnected.
 */
export const ABORTED = 'aborted'
