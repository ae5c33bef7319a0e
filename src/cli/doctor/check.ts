/** One line of a diagnosis. Only `problem` makes the exit code 1. */
export interface Check {
  readonly id: string
  readonly status: 'ok' | 'info' | 'warning' | 'problem'
  /** What was found. */
  readonly text: string
  /** What to do about it, or why it matters. */
  readonly advice?: string
}

export function ok(id: string, text: string): Check {
  return { id, status: 'ok', text }
}

export function fact(id: string, text: string, advice?: string): Check {
  return { id, status: 'info', text, ...(advice === undefined ? {} : { advice }) }
}

export function warning(id: string, text: string, advice: string): Check {
  return { id, status: 'warning', text, advice }
}

export function problem(id: string, text: string, advice: string): Check {
  return { id, status: 'problem', text, advice }
}
