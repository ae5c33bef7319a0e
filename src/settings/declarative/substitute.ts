/**
 * `${NAME}`, `${env:NAME}` and `${NAME:-default}` in the scalars of a configuration file, `$$` for a dollar.
 * https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
 */
export interface Substituted {
  readonly text: string
  /** Names of the variables it refers to. */
  readonly referenced: readonly string[]
}

const REFERENCE = /\$\{(?:([a-zA-Z][a-zA-Z0-9_]*):(?!-))?([^}]+)\}/g
const VARIABLE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?::-([^\n]*))?$/

/** Throws where a reference is none. What a variable holds is taken as it stands. */
export function substitute(text: string, lookUp: (variable: string) => string | undefined): Substituted {
  if (!text.includes('$')) return { text, referenced: [] }
  const referenced: string[] = []
  const replaced = text.split('$$').map((part) =>
    part.replaceAll(REFERENCE, (reference, prefix: string | undefined, content: string) => {
      const [, name, otherwise = ''] = (prefix ?? 'env') === 'env' ? (VARIABLE.exec(content) ?? []) : []
      if (name === undefined) throw new Error(`${nameIn(reference)} is no reference to a variable`)
      referenced.push(name)
      const value = lookUp(name)
      return value === undefined || value === '' ? otherwise : value
    }),
  )
  return { text: replaced.join('$'), referenced }
}

/** What follows the name may be a default, and that a secret. */
function nameIn(reference: string): string {
  const name = /^\$\{[\w ]{0,60}/.exec(reference)?.[0] ?? ''
  return name.length + 1 === reference.length ? reference : `${name}…}`
}
