/** The state of a running preload, for `paxx-obs doctor` and the page of the side port. Plain data. */
export interface Inspection {
  readonly service: string
  readonly instrumentations: readonly InspectedInstrumentation[]
  /** Counts of items by outcome, for each signal sent over OTLP and for `zipkin`. */
  readonly exports: Readonly<Record<string, InspectedExport>>
}

/** The same for one of the processes behind a side port. */
export interface InspectedProcess extends Inspection {
  readonly pid: number
  /** The number of spans and log records that the page's buffer did not retain because each alone is larger than it. */
  readonly tooLarge: number
}

export interface InspectedInstrumentation {
  readonly name: string
  /** What it patched in this process: packages with their version, builtins without. */
  readonly patched: readonly { readonly name: string; readonly version?: string }[]
  /** Packages that were loaded in an unsupported version. */
  readonly passedBy: readonly { readonly name: string; readonly version?: string }[]
}

export interface InspectedExport {
  readonly endpoint: string
  readonly exported: number
  readonly lost: number
  readonly pending: number
  /** Why the last attempt failed, with a likely cause; undefined while exports succeed. */
  readonly trouble?: string
}
