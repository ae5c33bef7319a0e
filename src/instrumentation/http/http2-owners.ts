import type { Http2Session, ServerHttp2Session } from 'node:http2'

/** Servers and client sessions of `node:http2` whose streams another instrumentation traces and measures. */
const owned = new WeakSet<object>()
let connecting = 0

/** Leaves the streams of a server to the caller. */
export function ownServer(server: object): void {
  owned.add(server)
}

/** Leaves the streams of the sessions that `connect` opens before it returns to the caller. */
export function owningSessions<Result>(connect: () => Result): Result {
  connecting += 1
  try {
    return connect()
  } finally {
    connecting -= 1
  }
}

/** Called for each client session when it is created. */
export function sessionOpened(session: Http2Session): void {
  if (connecting > 0) owned.add(session)
}

export function isOwnedSession(session: Http2Session): boolean {
  return owned.has(session)
}

/** `session` is the session of a server's stream; undefined after it was destroyed. */
export function hasOwnedServer(session: Http2Session | undefined): boolean {
  return session !== undefined && owned.has((session as ServerHttp2Session).server)
}
