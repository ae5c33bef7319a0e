/** What a running preload says of itself when it is asked (\`paxx-obs doctor\`). Plain data. */
export interface Inspection {
  readonly service: string
  readonly instrumentations: readonly InspectedInstrumentation[]
  /** By signal, of those sent over OTLP, and `zipkin`: items by outcome. */
  readonly exports: Readonly<Record<string, InspectedExport>>
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
}
