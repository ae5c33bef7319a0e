/** Members of errors that contain prompts or responses, which their messages repeat. */
const QUOTED = ['error', 'responseBody', 'data', 'text', 'value', 'toolInput', 'prompt']

/** The parts of an error that a span records. */
export interface ModelFailure {
  readonly name: unknown
  readonly code: unknown
  readonly message: string | undefined
  readonly stack: string | undefined
}

/**
 * Describes the error of a model's call without the body of the response: providers repeat prompts and keys in it, and
 * clients put it into their messages. The message of an error with a status code becomes the code and its standard text
 * (`401 Unauthorized`). The message of an error without a response (connection, timeout, abort) is kept.
 */
export function modelFailureOf(error: unknown): ModelFailure {
  const { name, code, message: given, stack } = Object(error) as Readonly<Record<string, unknown>>
  const original = typeof given === 'string' ? given : undefined
  const message = messageOf(error, original)
  if (message === original) return { name, code, message, stack: typeof stack === 'string' ? stack : undefined }
  const head = message === undefined ? String(name) : `${String(name)}: ${message}`
  return { name, code, message, stack: `${head}${framesOf(stack, original)}` }
}

function messageOf(error: unknown, original: string | undefined): string | undefined {
  const fields = Object(error) as Readonly<Record<string, unknown>>
  const status = fields['status'] ?? fields['statusCode']
  if (typeof status === 'number') {
    const text = process.getBuiltinModule('node:http').STATUS_CODES[status]
    return text === undefined ? String(status) : `${status} ${text}`
  }
  return isQuoting(fields) ? undefined : original
}

/**
 * Returns whether a message quotes a prompt or a response, as that of `JSON.parse` does. Most errors of the AI SDK do.
 * Its versions 5 and 6 report a copy without the members that would show this.
 */
function isQuoting(fields: Readonly<Record<string, unknown>>): boolean {
  const name = String(fields['name'])
  // The `FetchError` is that of node-fetch, which openai 4 uses.
  if (name === 'SyntaxError' || fields['type'] === 'invalid-json') return true
  if (QUOTED.some((key) => (fields[key] ?? undefined) !== undefined)) return true
  return name.startsWith('AI_') && !(name === 'AI_APICallError' && fields instanceof Error)
}

/**
 * Returns the frames of a stack, or an empty text if they cannot be distinguished from the message, which may have
 * lines that look like frames.
 */
function framesOf(stack: unknown, message: string | undefined): string {
  if (typeof stack !== 'string') return ''
  const at = message === undefined || message === '' ? -1 : stack.indexOf(message)
  const rest = at === -1 ? '' : stack.slice(at + (message as string).length)
  return rest.startsWith('\n    at ') ? rest : ''
}
