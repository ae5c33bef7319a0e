/** What a running preload says of itself when it is asked (`paxx-obs doctor`, the page of the side port). Plain data. */
export interface Inspection {
  readonly service: string
  readonly instrumentations: readonly InspectedInstrumentation[]
  /** By signal, of those sent over OTLP, and `zipkin`: items by outcome. */
  readonly exports: Readonly<Record<string, InspectedExport>>
}

/** The same of one of the processes behind a side port. */
export interface InspectedProcess extends Inspection {
  readonly pid: number
  /** Spans and log records that the page's buffer had no room for because each alone is larger than it. */
  readonly tooLarge: number
}

export interface InspectedInstrumentation {
  readonly name: string
  /** What it patched in this process: a package with its version, a builtin without. */
  readonly patched: readonly { readonly name: string; readonly version?: string }[]
  /** Packages that were loaded in a version that it does not support. */
  readonly passedBy: readonly { readonly name: string; readonly version?: string }[]
}

export interface InspectedExport {
  readonly endpoint: string
  readonly exported: number
  readonly lost: number
  readonly pending: number
  /** Why the last attempt failed, with what is likely wrong; undefined while the collector takes them. */
  readonly trouble?: string
}
