import { readlinkSync } from 'node:fs'
import type { SidePortSettings } from '../settings/settings.ts'

/** What processes must have in common to be one fleet. */
export interface IdentityInput {
  readonly service: string
  readonly host: string
  readonly port: number
  /** TLS and authentication of the side port: who wants it protected does not join who does not. */
  readonly protection: Omit<SidePortSettings, 'host' | 'port'>
}

export interface FleetIdentity {
  /** What a member says, and the leader compares. */
  readonly text: string
  /** Short enough for a socket's path. */
  readonly folderName: string
}

/** Changes with what members say to one another and leave in files. */
const PROTOCOL = 2

/** `tag` makes one of a text that has secrets in it; called only where it has. */
export function fleetIdentity(
  { service, host, port, protection }: IdentityInput,
  tag: (text: string) => string,
): FleetIdentity {
  // Containers may share a folder, but neither a port nor the numbers of processes.
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
 * Tells one protection from another. The name of the folder is in the path of its socket, and the paths of all sockets can be read
 * by every user (`/proc/net/unix`): without the key a password or a token could be guessed from it.
 */
function tagOf(protection: IdentityInput['protection'], tag: (text: string) => string): string {
  const text = JSON.stringify(protection)
  return protection.basicAuth === undefined && protection.bearerToken === undefined ? hash(text) : tag(text)
}

/** FNV-1a, twice 32 bits. Not for secrets: `node:crypto` costs a start several milliseconds. */
function hash(text: string): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b)
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}
