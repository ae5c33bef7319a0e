/** A token of graphql-js's lexer: every one of a document is linked to the next. */
interface Token {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly next?: Token | null
}

/** Where a document, or a part of one, was parsed from; undefined where the parser was told to leave it out. */
export interface Location {
  readonly startToken?: Token
  readonly source?: { readonly body?: unknown }
}

export interface GraphQLDocument {
  readonly definitions?: readonly Definition[]
  readonly loc?: Location
}

export interface Definition {
  readonly kind: string
  readonly operation?: string
  readonly name?: { readonly value: string }
}

const MAX_CHARS = 16_384
const VALUES: ReadonlySet<string> = new Set(['Int', 'Float', 'String', 'BlockString'])

const texts = new WeakMap<object, string | undefined>()

/**
 * The text of a document as it was sent, with `*` in the place of each value and without comments. Servers keep the documents that
 * they have parsed: each one is written once. Undefined where the document does not know where it came from.
 */
export function documentText(document: GraphQLDocument, withValues: boolean): string | undefined {
  const { source } = document.loc ?? {}
  if (typeof source?.body !== 'string') return undefined
  if (withValues) return source.body.slice(0, MAX_CHARS)
  if (!texts.has(document)) texts.set(document, withoutValues(source.body, document.loc?.startToken))
  return texts.get(document)
}

function withoutValues(body: string, startToken: Token | undefined): string | undefined {
  if (startToken === undefined) return undefined
  let text = ''
  let end = 0
  for (let token = startToken.next; token && token.start < MAX_CHARS; token = token.next) {
    text += body.slice(end, token.start)
    if (VALUES.has(token.kind)) text += token.kind.endsWith('String') ? '"*"' : '*'
    else if (token.kind !== 'Comment') text += body.slice(token.start, token.end)
    ;({ end } = token)
  }
  return text
}

/** The operation of a document that is asked for; undefined where there is none by this name. */
export function operationOf(
  { definitions }: GraphQLDocument,
  operationName: string | null | undefined,
): Definition | undefined {
  if (!Array.isArray(definitions)) return undefined
  const operations = (definitions as readonly Definition[]).filter((each) => each?.kind === 'OperationDefinition')
  return operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0]
}
