export interface AuthSettings {
  readonly basicAuth: { readonly user: string; readonly passwordHash: string } | undefined
  readonly bearerToken: string | undefined
}

export type AuthResult = 'accepted' | 'refused' | 'busy'

export interface Authenticator {
  readonly check: (authorization: string | undefined) => Promise<AuthResult>
  /** For `WWW-Authenticate`. */
  readonly challenge: string
}

/** bcrypt takes tens of milliseconds of the app's thread: at most this many wrong passwords are tried a second. */
const MIN_INTERVAL_MS = 1000

/** Undefined: everybody may. */
export function createAuthenticator(settings: AuthSettings): Authenticator | undefined {
  const { basicAuth, bearerToken } = settings
  if (basicAuth === undefined && bearerToken === undefined) return undefined
  const equal = createComparison()
  const checkPassword = basicAuth === undefined ? undefined : createPasswordCheck(basicAuth, equal)
  const schemes = [...(basicAuth ? ['Basic realm="metrics", charset="UTF-8"'] : []), ...(bearerToken ? ['Bearer'] : [])]
  return {
    challenge: schemes.join(', '),
    check: async (authorization) => {
      const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? []
      if (scheme.toLowerCase() === 'bearer' && bearerToken !== undefined) {
        return equal(credentials, bearerToken) ? 'accepted' : 'refused'
      }
      if (scheme.toLowerCase() === 'basic' && checkPassword !== undefined) return checkPassword(credentials)
      return 'refused'
    },
  }
}

type Comparison = (a: string, b: string) => boolean

/** In constant time whatever the lengths: digests under a key of this process are compared. */
function createComparison(): Comparison {
  const crypto = process.getBuiltinModule('node:crypto')
  const key = crypto.randomBytes(32)
  const digest = (text: string): Buffer => crypto.createHmac('sha256', key).update(text).digest()
  return (a, b) => crypto.timingSafeEqual(digest(a), digest(b))
}

function createPasswordCheck(
  { user, passwordHash }: { readonly user: string; readonly passwordHash: string },
  equal: Comparison,
): (credentials: string) => Promise<AuthResult> {
  // The right credentials come again with each scrape; bcrypt sees them once.
  let known: string | undefined
  let running = false
  let lastFailureMs = -Infinity
  return async (credentials) => {
    if (known !== undefined && equal(credentials, known)) return 'accepted'
    if (running || performance.now() - lastFailureMs < MIN_INTERVAL_MS) return 'busy'
    running = true
    try {
      const [givenUser, password] = split(Buffer.from(credentials, 'base64').toString())
      const { compare } = await import('bcryptjs')
      // Both are always looked at, so that a wrong user takes as long as a wrong password.
      const isPassword = await compare(password, passwordHash)
      if (equal(givenUser, user) && isPassword) {
        known = credentials
        return 'accepted'
      }
      lastFailureMs = performance.now()
      return 'refused'
    } finally {
      running = false
    }
  }
}

function split(userAndPassword: string): [user: string, password: string] {
  const colon = userAndPassword.indexOf(':')
  if (colon < 0) return [userAndPassword, '']
  return [userAndPassword.slice(0, colon), userAndPassword.slice(colon + 1)]
}
