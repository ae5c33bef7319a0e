/** A token of graphql-js's lexer. The tokens of a document are a linked list. */
interface Token {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly next?: Token | null
}

/** The source location of a document or a part of one; undefined if the parser's options omit it. */
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
 * Returns the text of a document as it was sent, with `*` for each value and without comments. Servers cache the
 * documents they have parsed, so each text is computed once. Returns undefined if the document has no source location.
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

/** Returns the requested operation of a document; undefined if there is none with this name. */
export function operationOf(
  { definitions }: GraphQLDocument,
  operationName: string | null | undefined,
): Definition | undefined {
  if (!Array.isArray(definitions)) return undefined
  const operations = (definitions as readonly Definition[]).filter((each) => each?.kind === 'OperationDefinition')
  return operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0]
}
