/** `error.type` of a request whose connection closed before its response was complete: nearly always the client gave up. */
export const ABORTED = 'aborted'
