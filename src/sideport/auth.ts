import { PasswordCheck, type Verify } from './password-check.ts'

export interface AuthSettings {
  readonly basicAuth: { readonly user: string; readonly passwordHash: string } | undefined
  readonly bearerToken: string | undefined
}

export type AuthResult = 'accepted' | 'refused' | 'busy'

export interface Authenticator {
  /** Checks the credentials of a client. `address` is the client's. */
  readonly check: (authorization: string | undefined, address: string) => Promise<AuthResult>
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string
}

/** Returns undefined when no authentication is configured. */
export function createAuthenticator(settings: AuthSettings): Authenticator | undefined {
  const { basicAuth, bearerToken } = settings
  if (basicAuth === undefined && bearerToken === undefined) return undefined
  const digest = createDigest()
  const equal = (a: string, b: string): boolean => crypto().timingSafeEqual(digest(a), digest(b))
  const passwords =
    basicAuth === undefined
      ? undefined
      : new PasswordCheck(verifier(basicAuth, equal), (credentials) => digest(credentials).toString('base64'))
  const schemes = [...(basicAuth ? ['Basic realm="metrics", charset="UTF-8"'] : []), ...(bearerToken ? ['Bearer'] : [])]
  return {
    challenge: schemes.join(', '),
    check: async (authorization, address) => {
      const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? []
      if (scheme.toLowerCase() === 'bearer' && bearerToken !== undefined) {
        return equal(credentials, bearerToken) ? 'accepted' : 'refused'
      }
      if (scheme.toLowerCase() === 'basic' && passwords !== undefined) return passwords.check(credentials, address)
      return 'refused'
    },
  }
}

const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')

/**
 * Hashes with a random prefix: comparing digests takes the same time for texts of any length. No digest leaves the
 * process, so a plain hash suffices, which costs far less than an HMAC. A flood of wrong tokens costs one for each.
 */
function createDigest(): (text: string) => Buffer {
  const prefix = crypto().randomBytes(32).toString('base64')
  return (text) => crypto().hash('sha256', prefix + text, 'buffer')
}

function verifier(
  { user, passwordHash }: { readonly user: string; readonly passwordHash: string },
  equal: (a: string, b: string) => boolean,
): Verify {
  return async (credentials) => {
    const [givenUser, password] = split(Buffer.from(credentials, 'base64').toString())
    const { compare } = await import('bcryptjs')
    // Both are always checked, so that a wrong user takes as long as a wrong password.
    const isPassword = await compare(password, passwordHash)
    return equal(givenUser, user) && isPassword
  }
}

function split(userAndPassword: string): [user: string, password: string] {
  const colon = userAndPassword.indexOf(':')
  if (colon < 0) return [userAndPassword, '']
  return [userAndPassword.slice(0, colon), userAndPassword.slice(colon + 1)]
}
