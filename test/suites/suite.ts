/** A library's own test suite: where its sources are and how its tests are run. */
export interface Suite {
  /** The package's name on npm; its sources are put into `node_modules/<name>`, where instrumentations take them for the library. */
  readonly name: string
  readonly version: string
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** The full hash: a tag can be moved. */
  readonly commit: string
  /** Put elsewhere than into a `node_modules`, where Node behaves in another way; default: false. */
  readonly outside?: boolean
  /** The package's folder in a repository of many; default: the repository's root. */
  readonly folder?: string
  /** Files that the tests do not need, by their path. */
  readonly without?: readonly string[]
  /** Which development dependencies the tests need, `name` in the range of its package.json or `name@range`; default: all. */
  readonly needs?: readonly string[]
  /** Folders and files that the package has on npm and its repository has not, because they are compiled: `dist`. */
  readonly published?: readonly string[]
  /** Arguments of a `node` that is run once, after the installation. */
  readonly prepare?: readonly string[]
  /** Arguments of `node`, of the tests' runner first; without those that choose the report. */
  readonly args: readonly string[]
  readonly report: Report
  /** Globs of the test files, for the report `files`; each runs in a process of its own. */
  readonly files?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly service?: 'mariadb' | 'postgres'
  /** Why nothing is exported while it runs; otherwise something has to be, or the comparison would say nothing. */
  readonly withoutTelemetry?: string
  /** Default: 300,000. */
  readonly timeoutMs?: number
  /** Tests that differ on purpose, by a part of their name. */
  readonly intended?: readonly Intended[]
}

export interface Intended {
  readonly test: string
  readonly reason: string
}

/** Where the outcome of each test is read from: what a runner writes, or (`files`) the exit code of each file. */
export type Report = 'mocha' | 'node' | 'tap' | 'jest' | 'vitest' | 'files'
