/** What a scenario asks for, in comment lines `// name: value` at its top. */
export interface Directives {
  /** Packages under `versions/`: the scenario runs with every version that has them all. */
  readonly packages: readonly string[]
  /** Entries of the catalog that it is about and that are no packages: builtin modules. */
  readonly covers: readonly string[]
  /** Those of `versions/` that it runs with; none: all. */
  readonly versions: readonly string[]
  readonly services: readonly string[]
  /** Why there are no spans of the library; undefined: there have to be some, or the comparison would say nothing. */
  readonly withoutSpans: string | undefined
  /** Spans that have to arrive, by name and, behind a space, `error.type`. */
  readonly spans: readonly RegExp[]
  /** Runs only with `OBS_TEST_MATRIX=all`, or when chosen by name. */
  readonly isRare: boolean
  /** Of node, bare and under the preload. */
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Observations that are not as bare, each with the reason why that is intended. */
  readonly differs: readonly { readonly what: string; readonly reason: string }[]
}

const DIRECTIVE = /^\/\/ (packages|covers|versions|services|spans|without-spans|runs|flags|env|differs): (.+)$/gm

export function directivesOf(source: string): Directives {
  const found = [...source.matchAll(DIRECTIVE)].map(([, name = '', value = '']) => ({ name, value }))
  const valuesOf = (name: string): string[] => found.filter((each) => each.name === name).map(({ value }) => value)
  const listOf = (name: string, separator: RegExp): string[] =>
    valuesOf(name).flatMap((value) => value.split(separator))
  return {
    packages: listOf('packages', /,\s*/),
    covers: listOf('covers', /,\s*/),
    versions: listOf('versions', /,\s*/),
    spans: valuesOf('spans').map((value) => new RegExp(value)),
    isRare: valuesOf('runs')[0] === 'with the whole matrix',
    withoutSpans: valuesOf('without-spans')[0],
    services: listOf('services', /,\s*/),
    flags: listOf('flags', /\s+/),
    env: Object.fromEntries(valuesOf('env').map((value) => value.split(/=(.*)/s) as [string, string])),
    differs: valuesOf('differs').map((value) => {
      const [what = '', reason = ''] = value.split(/ -- (.*)/s)
      if (reason === '') throw new Error(`"${value}" gives no reason: "differs: what -- why"`)
      return { what, reason }
    }),
  }
}
