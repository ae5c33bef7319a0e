import type { ClientRequest } from 'node:http'

/** RFC 9110, 15.2 allows any number; a collector has no use for one. */
const MAX_INFORMATIONAL = 8

/** Destroys the request when the server sends more 1xx responses than any sends: they can go on without end. */
export function withFewInformational(request: ClientRequest): ClientRequest {
  const count = countInformational((error) => request.destroy(error))
  return request.on('information', count)
}

/** Returns a function to call for each 1xx response, which reports an error once there are too many. */
export function countInformational(onTooMany: (error: Error) => void): () => void {
  let seen = 0
  return () => {
    seen += 1
    if (seen === MAX_INFORMATIONAL + 1) onTooMany(new Error(`more than ${MAX_INFORMATIONAL} informational responses`))
  }
}
