import type { Span } from '../../../../src/page/model/spans-and-logs.ts'

/** A span of `trace` with its id, the id of its parent, and what a test adds. */
export function span(id: string, parentId: string | undefined, rest: Partial<Span> = {}): Span {
  return {
    traceId: 'trace',
    spanId: id,
    parentId,
    hasRemoteParent: parentId === undefined ? undefined : false,
    name: id,
    kind: 'internal',
    startMs: 0,
    endMs: 1,
    attributes: {},
    events: [],
    links: [],
    failed: false,
    statusMessage: '',
    scope: '',
    resource: {},
    ...rest,
  }
}
