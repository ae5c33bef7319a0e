import type { SharedAttributes } from '../../sdk/deferred-span.ts'
import type { ActiveCount } from './active-requests.ts'
import type { Method } from './methods.ts'

/** The headers that determine what a request has in common with others of its connection. */
export interface CommonHeaders {
  readonly method: string
  readonly version: string
  readonly host: string | undefined
  readonly agent: string | undefined
}

/** The attributes that similar requests have in common. Requests of one connection share the object. */
export class RequestCommon {
  readonly method: Method
  readonly scheme: 'http' | 'https'
  /** The version of the protocol. */
  readonly version: string
  /** Counts requests of this method and scheme; set by the first one that is measured. */
  active: ActiveCount | undefined = undefined
  readonly #from: CommonHeaders
  #shared: readonly SharedAttributes[]
  #isJoined = false

  constructor(method: Method, scheme: 'http' | 'https', shared: readonly SharedAttributes[], from: CommonHeaders) {
    this.method = method
    this.scheme = scheme
    this.version = from.version
    this.#shared = shared
    this.#from = from
  }

  get shared(): readonly SharedAttributes[] {
    return this.#shared
  }

  isFrom(method: string, version: string, host: string | undefined, agent: string | undefined): boolean {
    const from = this.#from
    return from.host === host && from.agent === agent && from.method === method && from.version === version
  }

  /** Marks that there are several such requests: the shared attributes are then encoded once for all of them. */
  join(): void {
    if (this.#isJoined) return
    this.#isJoined = true
    this.#shared = [{ attributes: Object.assign({}, ...this.#shared.map(({ attributes }) => attributes)) }]
  }
}
