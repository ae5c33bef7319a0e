import type { AuthResult } from './auth.ts'

/** The interval between checks of unknown credentials, as bcrypt takes tens of milliseconds of the app's thread. */
const INTERVAL_MS = 500
/** Half the limit of connections, so that known credentials find a place while these wait. */
const MAX_WAITING = 50
const MAX_WAIT_MS = 8000
const MAX_REFUSED = 1000
/** More than a flood can send between two scrapes. */
const MAX_TURNED_AWAY = 10_000

interface PasswordAttempt {
  readonly credentials: string
  readonly digest: string
  readonly address: string
  readonly untilMs: number
  readonly settle: (result: AuthResult) => void
}

/** Verifies credentials, which is slow and costs the app's thread time. */
export type Verify = (credentials: string) => Promise<boolean>

/**
 * Verifies unknown credentials one after the other, and accepts known ones at once. The next attempt is chosen at
 * random, first among addresses and then among the attempts of one. Credentials that come again, after they were turned
 * away as busy or while they wait, go before those that are new: a scraper repeats its own, however soon it gives up,
 * and a flood that guesses does not. So such a flood costs the right password one scrape at most, even from the
 * scraper's own address.
 */
export class PasswordCheck {
  readonly #verify: Verify
  readonly #digest: (credentials: string) => string
  /** The accepted credentials, which come again with each scrape. */
  #accepted: string | undefined
  readonly #refused = new Set<string>()
  /** Digests of credentials that were not verified because too many waited, oldest first. */
  readonly #turnedAway = new Set<string>()
  readonly #waiting = new Set<PasswordAttempt>()
  #nextAtMs = -Infinity
  #timer: NodeJS.Timeout | undefined
  #isTrying = false

  /** `digest` hashes under a key of this process, so that nothing is compared or kept in plain text. */
  constructor(verify: Verify, digest: (credentials: string) => string) {
    this.#verify = verify
    this.#digest = digest
  }

  check(credentials: string, address: string): Promise<AuthResult> {
    const digest = this.#digest(credentials)
    if (digest === this.#accepted) return Promise.resolve('accepted')
    if (this.#refused.has(digest)) return Promise.resolve('refused')
    if (this.#waiting.size >= MAX_WAITING && !this.#makeRoomFor(digest, address)) {
      this.#rememberTurnedAway(digest)
      return Promise.resolve('busy')
    }
    // The client gave up waiting, or several share the credentials.
    if (this.#isWaiting(digest)) this.#rememberTurnedAway(digest)
    return new Promise((settle) => {
      this.#waiting.add({ credentials, digest, address, untilMs: performance.now() + MAX_WAIT_MS, settle })
      this.#schedule()
    })
  }

  #isWaiting(digest: string): boolean {
    for (const attempt of this.#waiting) if (attempt.digest === digest) return true
    return false
  }

  #schedule(): void {
    if (this.#isTrying || this.#timer !== undefined || this.#waiting.size === 0) return
    const waitMs = Math.max(0, this.#nextAtMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#tryOne()
    }, waitMs).unref()
  }

  async #tryOne(): Promise<void> {
    for (const attempt of this.#waiting) if (attempt.untilMs < performance.now()) this.#turnAway(attempt)
    const attempt = this.#pick()
    if (attempt === undefined) return
    this.#isTrying = true
    // Its client may have given up, but the attempt costs no more than any other.
    this.#waiting.delete(attempt)
    try {
      const isRight = await this.#verify(attempt.credentials)
      this.#remember(attempt.credentials, isRight)
      attempt.settle(isRight ? 'accepted' : 'refused')
    } catch {
      attempt.settle('refused')
    }
    this.#nextAtMs = performance.now() + INTERVAL_MS
    this.#isTrying = false
    this.#schedule()
  }

  #pick(): PasswordAttempt | undefined {
    const all = [...this.#waiting]
    const again = all.filter(({ digest }) => this.#turnedAway.has(digest))
    const candidates = again.length > 0 ? again : all
    const address = anyOf([...new Set(candidates.map((attempt) => attempt.address))])
    return anyOf(candidates.filter((attempt) => attempt.address === address))
  }

  /**
   * Turns an attempt away for one that comes again: a new one, or one of the address that most others come from.
   * Returns false when there is none.
   */
  #makeRoomFor(digest: string, address: string): boolean {
    if (!this.#turnedAway.has(digest)) return false
    const all = [...this.#waiting]
    const attempt = all.find((waiting) => !this.#turnedAway.has(waiting.digest)) ?? anyOf(ofBusiestAddress(all))
    if (attempt === undefined) return false
    if (attempt.address === address && this.#turnedAway.has(attempt.digest)) return false
    this.#turnAway(attempt)
    return true
  }

  #turnAway(attempt: PasswordAttempt): void {
    this.#rememberTurnedAway(attempt.digest)
    this.#settle(attempt, 'busy')
  }

  #rememberTurnedAway(digest: string): void {
    this.#turnedAway.delete(digest)
    this.#turnedAway.add(digest)
    const [oldest] = this.#turnedAway
    if (this.#turnedAway.size > MAX_TURNED_AWAY && oldest !== undefined) this.#turnedAway.delete(oldest)
  }

  #remember(credentials: string, isRight: boolean): void {
    const digest = this.#digest(credentials)
    this.#turnedAway.delete(digest)
    if (!isRight) {
      if (this.#refused.size >= MAX_REFUSED) this.#refused.clear()
      this.#refused.add(digest)
      return
    }
    this.#accepted = digest
    for (const attempt of this.#waiting) {
      if (attempt.digest === digest) this.#settle(attempt, 'accepted')
    }
  }

  #settle(attempt: PasswordAttempt, result: AuthResult): void {
    this.#waiting.delete(attempt)
    attempt.settle(result)
  }
}

function ofBusiestAddress(attempts: readonly PasswordAttempt[]): readonly PasswordAttempt[] {
  const byAddress = Map.groupBy(attempts, ({ address }) => address)
  return [...byAddress.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
}

function anyOf<Value>(values: readonly Value[]): Value | undefined {
  return values[Math.floor(Math.random() * values.length)]
}
