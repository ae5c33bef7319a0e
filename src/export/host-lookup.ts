import { lookup as lookUp, type LookupAddress } from 'node:dns'
import type { LookupFunction, TcpNetConnectOpts } from 'node:net'

type TcpAddresses = Pick<TcpNetConnectOpts, 'lookup' | 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout'>

const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/**
 * Works like `dns.lookup()`, but answers `localhost` itself (RFC 6761, 6.3): the threads that Node.js starts for the
 * first lookup of a process delay its exit by ten milliseconds.
 */
const lookup: LookupFunction = (hostname, options, callback) => {
  if (hostname.toLowerCase() !== 'localhost') lookUp(hostname, options, callback)
  else if (options.all === true) callback(null, LOOPBACK)
  else callback(null, '127.0.0.1', 4)
}

/**
 * Options for connecting to a host that has several addresses. Node's default of 250 ms per attempt is too short on a
 * slow network, or while this thread is busy at the start of the process, and would look like an unreachable collector.
 */
export const ADDRESSES: TcpAddresses = { lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2000 }
