import { readlinkSync } from 'node:fs'
import type { SidePortSettings } from '../settings/settings.ts'

/** What processes must have in common to form one fleet. */
export interface IdentityInput {
  readonly service: string
  readonly host: string
  readonly port: number
  /**
   * TLS and authentication of the side port: a process that wants a protected port must not join an unprotected one.
   */
  readonly protection: Omit<SidePortSettings, 'host' | 'port'>
}

export interface FleetIdentity {
  /** Sent by a member and compared by the leader. */
  readonly text: string
  /** The name of the fleet's folder, short enough for the path of a socket. */
  readonly folderName: string
}

/** The version of the frames and files of a fleet. */
const PROTOCOL = 2

/**
 * Returns the identity of the fleet that this process belongs to. `tag` hashes a text that contains secrets; it is
 * called only for such texts.
 */
export function fleetIdentity(
  { service, host, port, protection }: IdentityInput,
  tag: (text: string) => string,
): FleetIdentity {
  // Containers may share a folder, but neither ports nor process ids.
  const place = [process.getuid?.(), namespaceOf('net'), namespaceOf('pid')]
  const text = JSON.stringify([PROTOCOL, service, host, port, ...place, tagOf(protection, tag)])
  return { text, folderName: hash(text) }
}

function namespaceOf(kind: 'net' | 'pid'): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`)
  } catch {
    return ''
  }
}

/**
 * Distinguishes side ports of different protection. The folder's name is part of the path of its socket, and every user
 * can read the paths of all sockets (`/proc/net/unix`): without a key, a password or token could be guessed from it.
 */
function tagOf(protection: IdentityInput['protection'], tag: (text: string) => string): string {
  const text = JSON.stringify(protection)
  return protection.basicAuth === undefined && protection.bearerToken === undefined ? hash(text) : tag(text)
}

/**
 * Returns two 32-bit FNV-1a hashes. They must not be used for secrets. Loading `node:crypto` would cost a start several
 * milliseconds.
 */
function hash(text: string): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b)
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}
