/** A database or broker that a test started for itself. */
export interface Service {
  readonly host: string
  readonly port: number
  /** What the app's client reads. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * Where a service is not installed, its tests are skipped; with `OBS_TEST_SERVICES=require`, as in continuous
 * integration, they fail instead.
 */
export function unavailable(name: string): undefined {
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(`${name} is not installed on this machine`)
  return undefined
}
