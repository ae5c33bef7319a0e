/** A database or broker that a test has started. */
export interface Service {
  readonly host: string
  readonly port: number
  /** The ports of all servers of a cluster. */
  readonly ports?: readonly number[]
  /** The environment that the app's client reads. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * Skips the tests of a service that is not installed. With `OBS_TEST_SERVICES=require`, as in CI, they fail instead.
 */
export function unavailable(name: string): undefined {
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(`${name} is not installed on this machine`)
  return undefined
}
