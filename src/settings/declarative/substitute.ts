/**
 * Substitutes `${NAME}`, `${env:NAME}` and `${NAME:-default}` in the scalars of a configuration file, and `$$` by a
 * dollar. https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
 */
export interface Substituted {
  readonly text: string
  /** The names of the referenced variables. */
  readonly referenced: readonly string[]
}

const PREFIX = /^([a-zA-Z][a-zA-Z0-9_]*):(?!-)/
const VARIABLE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?::-([^\n]*))?$/

/** Throws when a reference is malformed. Values of variables are inserted as they are. */
export function substitute(text: string, lookUp: (variable: string) => string | undefined): Substituted {
  if (!text.includes('$')) return { text, referenced: [] }
  const referenced: string[] = []
  const valueOf = (content: string): string => {
    const prefix = PREFIX.exec(content)
    const variable = prefix === null ? content : content.slice(prefix[0].length)
    const [, name, otherwise = ''] = prefix === null || prefix[1] === 'env' ? (VARIABLE.exec(variable) ?? []) : []
    if (name === undefined) throw new Error(`${nameIn(`\${${content}}`)} is not a reference to a variable`)
    referenced.push(name)
    const value = lookUp(name)
    return value === undefined || value === '' ? otherwise : value
  }
  const replaced = text.split('$$').map((part) => replaceReferences(part, valueOf))
  return { text: replaced.join('$'), referenced }
}

/** Replaces each `${content}`. A regular expression would take quadratic time for unclosed braces. */
function replaceReferences(text: string, valueOf: (content: string) => string): string {
  let replaced = ''
  let at = 0
  for (let start = text.indexOf('${'); start !== -1; start = text.indexOf('${', at)) {
    const end = text.indexOf('}', start)
    if (end === -1) break
    const content = text.slice(start + 2, end)
    replaced += text.slice(at, start) + (content === '' ? '${}' : valueOf(content))
    at = end + 1
  }
  return replaced + text.slice(at)
}

/** Returns the reference without what follows the name, which may be a default value and a secret. */
function nameIn(reference: string): string {
  const name = /^\$\{[\w ]{0,60}/.exec(reference)?.[0] ?? ''
  return name.length + 1 === reference.length ? reference : `${name}…}`
}
