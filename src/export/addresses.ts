import { lookup as lookUp, type LookupAddress } from 'node:dns'
import type { LookupFunction, TcpNetConnectOpts } from 'node:net'

type TcpAddresses = Pick<TcpNetConnectOpts, 'lookup' | 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout'>

const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/**
 * As `dns.lookup()`, but for `localhost`, which is known (RFC 6761, 6.3): the threads that node starts for the first lookup of a
 * process cost an end of it ten milliseconds.
 */
const lookup: LookupFunction = (hostname, options, callback) => {
  if (hostname.toLowerCase() !== 'localhost') lookUp(hostname, options, callback)
  else if (options.all === true) callback(null, LOOPBACK)
  else callback(null, '127.0.0.1', 4)
}

/**
 * How an address is found among those of a name. Node's own 250 ms for an attempt are over on a far network, or where this thread is
 * busy at the start of the process, and look like a collector that is not there.
 */
export const ADDRESSES: TcpAddresses = { lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2000 }
