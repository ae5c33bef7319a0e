/**
 * The shape of one row of the settings table. The parser, defaults, sources, log lines, redaction and the documentation
 * are derived from rows; nothing else knows the format of a variable.
 */

/** The sections of the documentation, in order. */
export type SettingsSection = 'general' | 'otlp' | 'traces' | 'metrics' | 'logs' | 'limits' | 'node' | 'own'

interface Row<Type extends string, Value> {
  readonly name: string
  readonly section: SettingsSection
  readonly type: Type
  /** Used when neither this variable nor its `fallback` is set. */
  readonly default: Value
  /** How the documentation shows the default, when the value itself is not clear enough. */
  readonly defaultText?: string
  /** The variable that applies when this one is not set (the general one for per-signal ones). */
  readonly fallback?: string
  /** The value is never shown, neither in log lines nor by the CLI. */
  readonly sensitive?: true
  /** Why a known variable has no effect here. Setting it is reported in one line. */
  readonly noEffect?: string
  readonly doc: string
}

export interface BooleanRow extends Row<'boolean', boolean> {
  /** Also accepts 1/0, yes/no, on/off, which the specification forbids for its own variables. */
  readonly lenient?: true
}

export interface IntegerRow extends Row<'integer', number> {
  readonly min: number
  /** Default 2³¹ − 1, which is the specification's range and the limit of timers. */
  readonly max?: number
  readonly unit?: 'milliseconds' | 'bytes'
}

export interface EnumRow extends Row<'enum', string> {
  readonly values: readonly string[]
  /** Values of the specification that this package does not support, with the reason. */
  readonly notOffered?: Readonly<Record<string, string>>
}

export interface EnumListRow extends Row<'enums', readonly string[]> {
  readonly values: readonly string[]
  readonly notOffered?: Readonly<Record<string, string>>
}

export interface ListRow extends Row<'list', readonly string[] | undefined> {
  /**
   * A prefix that is removed from each entry. Entries are converted to lower case, so that long and short names are
   * equivalent.
   */
  readonly stripPrefix?: string
}

export interface TextRow extends Row<'text' | 'path' | 'url', string | undefined> {
  /** The format of a value, and how a log line describes it. */
  readonly accepts?: { readonly pattern: RegExp; readonly description: string }
}

/** `key=value,key2=value2`, percent-encoded. */
export interface PairsRow extends Row<'headers' | 'attributes', undefined> {}

/** A family of variables that share a prefix; values are kept as they are. */
export interface PatternRow extends Row<'pattern', undefined> {
  readonly prefix: string
}

export type SettingRow = BooleanRow | IntegerRow | EnumRow | EnumListRow | ListRow | TextRow | PairsRow | PatternRow
