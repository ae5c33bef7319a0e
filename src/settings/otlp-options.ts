/**
 * The options of an exporter that its transport takes as they are, by their field in `OtlpSettings`. The type, the rows of
 * the table (one general, one per signal), the parsing and the documentation are derived from this list, so that a new
 * option needs one entry here and the transport that reads it.
 */
export const OTLP_OPTIONS = {
  /** Timeout of one export with its retries. 0 means no limit. */
  timeoutMs: {
    option: 'TIMEOUT',
    type: 'integer',
    unit: 'milliseconds',
    min: 0,
    default: 10_000,
    doc: 'Timeout of an export with its retries{for signal}; 0: no limit.',
  },
  compression: {
    option: 'COMPRESSION',
    type: 'enum',
    values: ['gzip', 'none'],
    default: 'none',
    doc: 'Compression{for signal}.',
  },
  /** Path of a PEM file. By default the system's roots are used. */
  certificateFile: {
    option: 'CERTIFICATE',
    type: 'path',
    default: undefined,
    defaultText: "the system's roots",
    doc: 'PEM file of the certificate authority to trust{for signal}.',
  },
  /** Paths of PEM files, both or neither. */
  clientKeyFile: {
    option: 'CLIENT_KEY',
    type: 'path',
    default: undefined,
    doc: "PEM file of the client's key{for signal}.",
  },
  clientCertificateFile: {
    option: 'CLIENT_CERTIFICATE',
    type: 'path',
    default: undefined,
    doc: "PEM file of the client's certificate{for signal}.",
  },
} as const

type OtlpOptions = typeof OTLP_OPTIONS
export type OtlpOption = OtlpOptions[keyof OtlpOptions]['option']

/** The value that the parser makes of an option. */
type OptionValue<Row> = Row extends { readonly type: 'integer' }
  ? number
  : Row extends { readonly type: 'enum'; readonly values: readonly (infer Value)[] }
    ? Value
    : string | undefined

export type OtlpOptionValues = { readonly [Field in keyof OtlpOptions]: OptionValue<OtlpOptions[Field]> }
