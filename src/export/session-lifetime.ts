import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'

const held = new Set<object>()
const ofCollectedStreams = new FinalizationRegistry<object>((handle) => held.delete(handle))

/**
 * Keeps the native part of a session until that of the stream is collected. Node.js aborts the process when V8 collects a session
 * before a stream of it whose header block the server did not finish (an assertion in `~Http2Session`, seen in Node.js 24), and
 * a garbage collection may take both in any order. Without the fields of Node.js that name these parts, nothing is kept.
 */
export function outliveStream(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  const hold = (): void => {
    const sessionHandle = nativeHandle(session)
    const streamHandle = nativeHandle(stream)
    if (sessionHandle === undefined || streamHandle === undefined) return
    const holder = { sessionHandle }
    held.add(holder)
    ofCollectedStreams.register(streamHandle, holder)
  }
  // A stream has its native part when it is no longer pending: at once if the session is connected.
  if (stream.pending) stream.once('ready', hold)
  else hold()
}

function nativeHandle(owner: object): object | undefined {
  const key = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'kHandle')
  const handle: unknown = key === undefined ? undefined : Reflect.get(owner, key)
  return typeof handle === 'object' && handle !== null ? handle : undefined
}
