/**
 * The shape of one row of the settings table. Parser, defaults, sources, problem lines, redaction and the documents'
 * table are derived from rows alone; nothing else knows how a variable is written.
 */

/** Groups of the documents' table, in its order. */
export type SettingsSection = 'general' | 'otlp' | 'traces' | 'metrics' | 'logs' | 'limits' | 'node' | 'own'

interface Row<Type extends string, Value> {
  readonly name: string
  readonly section: SettingsSection
  readonly type: Type
  /** Used when neither this variable nor its `fallback` is set. */
  readonly default: Value
  /** How the documents show the default, where the value itself says too little. */
  readonly defaultText?: string
  /** The variable that decides when this one is not set (general for per-signal ones). */
  readonly fallback?: string
  /** The value is never shown: not in a problem line, not by the CLI. */
  readonly sensitive?: true
  /** A known variable that has no effect here, and why. Setting it gives one line. */
  readonly noEffect?: string
  readonly doc: string
}

export interface BooleanRow extends Row<'boolean', boolean> {
  /** Accepts 1/0, yes/no, on/off too. The specification forbids this for its own variables. */
  readonly lenient?: true
}

export interface IntegerRow extends Row<'integer', number> {
  readonly min: number
  /** Default 2³¹ − 1, the specification's range and what a timer takes. */
  readonly max?: number
  readonly unit?: 'milliseconds' | 'bytes'
}

export interface EnumRow extends Row<'enum', string> {
  readonly values: readonly string[]
  /** Values the specification knows and this package does not offer, each with the reason. */
  readonly notOffered?: Readonly<Record<string, string>>
}

export interface EnumListRow extends Row<'enums', readonly string[]> {
  readonly values: readonly string[]
  readonly notOffered?: Readonly<Record<string, string>>
}

export interface ListRow extends Row<'list', readonly string[] | undefined> {
  /** Cut off the front of each entry, which is lower-cased: long and short names mean the same. */
  readonly stripPrefix?: string
}

export interface TextRow extends Row<'text' | 'path' | 'url', string | undefined> {
  /** What a value must look like, and how a problem line says it. */
  readonly accepts?: { readonly pattern: RegExp; readonly description: string }
}

/** `key=value,key2=value2`, percent-encoded. */
export interface PairsRow extends Row<'headers' | 'attributes', undefined> {}

/** A family of variables that share a prefix; each is kept as it is written. */
export interface PatternRow extends Row<'pattern', undefined> {
  readonly prefix: string
}

export type SettingRow = BooleanRow | IntegerRow | EnumRow | EnumListRow | ListRow | TextRow | PairsRow | PatternRow
