/** A span as it is printed. */
export interface TreeNode {
  readonly id: string
  readonly parentId: string | undefined
  readonly name: string
  /** In milliseconds; siblings are ordered by it. */
  readonly startMs: number
  readonly durationMs: number
  readonly failed: boolean
  /** Printed after the name. */
  readonly note: string
}

export type Painter = (style: 'failed' | 'dim' | 'bold', text: string) => string

const DURATION_COLUMNS = 9
/** The indent of wrapped lines. */
const CONTINUED_INDENT = 2
const MIN_COLUMNS = 40
/** A statement of many lines would hide the tree, so it is cut. */
const MAX_LINES_A_SPAN = 4

/**
 * Draws the spans as lines of at most `columns` columns: duration, branch, name and note. A longer text is wrapped
 * below its branch and cut with an ellipsis after four lines. Control characters, those of text direction among them, become
 * blanks, since names and notes come from outside. Spans whose parent is missing are drawn below the root.
 */
export function treeOf(nodes: readonly TreeNode[], rootId: string, columns: number, paint: Painter): string[] {
  const known = new Set(nodes.map(({ id }) => id))
  const children = new Map<string, TreeNode[]>()
  for (const node of nodes.toSorted((a, b) => a.startMs - b.startMs)) {
    if (node.id === rootId) continue
    const parent = node.parentId !== undefined && known.has(node.parentId) ? node.parentId : rootId
    children.set(parent, [...(children.get(parent) ?? []), node])
  }
  const lines: string[] = []
  const root = nodes.find(({ id }) => id === rootId)
  const open: { readonly node: TreeNode; readonly branch: string; readonly below: string }[] = []
  if (root !== undefined) open.push({ node: root, branch: '', below: '' })
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, branch, below } = next
    const inside = children.get(node.id) ?? []
    children.delete(node.id)
    const continued = inside.length > 0 ? `${below}│  ` : `${below}   `
    const width = Math.max(MIN_COLUMNS, columns)
    lines.push(...linesOf(node, shortened(branch, width), shortened(continued, width), width, paint))
    inside.toReversed().forEach((child, fromLast) => {
      const isLast = fromLast === 0
      open.push({
        node: child,
        branch: `${below}${isLast ? '└─ ' : '├─ '}`,
        below: `${below}${isLast ? '   ' : '│  '}`,
      })
    })
  }
  return lines
}

function linesOf(
  { name, note, durationMs, failed }: TreeNode,
  branch: string,
  continued: string,
  columns: number,
  paint: Painter,
): string[] {
  const shownName = plain(name).trim() || '(no name)'
  const room = Math.max(1, columns - DURATION_COLUMNS - 2 - branch.length)
  const text = `${shownName} ${plain(note)}`.trimEnd()
  const pieces = wrapped(text, room, Math.max(1, room - CONTINUED_INDENT))
  const first = `${paint('dim', milliseconds(durationMs).padStart(DURATION_COLUMNS))}  ${branch}`
  const further = `${' '.repeat(DURATION_COLUMNS + 2)}${continued.slice(0, branch.length + CONTINUED_INDENT).padEnd(branch.length + CONTINUED_INDENT)}`
  let at = 0
  return pieces.map((piece, i) => {
    const ofName = piece.slice(0, Math.max(0, shownName.length - at))
    const ofNote = piece.slice(ofName.length).trimStart()
    at += piece.length
    // Skips the blank where the line was wrapped.
    while (text.charAt(at) === ' ') at += 1
    const style = failed ? 'failed' : branch === '' ? 'bold' : undefined
    const parts = [style === undefined || ofName === '' ? ofName : paint(style, ofName), ofNote && paint('dim', ofNote)]
    return `${i === 0 ? first : further}${parts.filter((part) => part !== '').join(' ')}`
  })
}

/** Returns the end of a branch that would fill half of the line. */
function shortened(branch: string, columns: number): string {
  const most = Math.floor(columns / 2)
  return branch.length <= most ? branch : `…${branch.slice(1 - most)}`
}

function milliseconds(ms: number): string {
  if (ms >= 360_000_000) return `${Math.min(ms / 3_600_000, 999_999).toFixed(0)} h`
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms.toFixed(ms >= 100 ? 0 : 1)} ms`
}

function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
}

/**
 * Wraps a text into lines of at most `first` and then `rest` columns, at blanks where possible. A text that needs more
 * lines than allowed is cut with an ellipsis.
 */
function wrapped(text: string, first: number, rest: number): string[] {
  const lines: string[] = []
  let left = text
  while (lines.length < MAX_LINES_A_SPAN) {
    const room = lines.length === 0 ? first : rest
    const fitting = fit(left, room)
    if (fitting.length === left.length) return [...lines, left]
    if (lines.length === MAX_LINES_A_SPAN - 1) return [...lines, `${fit(left, room - 1)}…`]
    const blank = left.charAt(fitting.length) === ' ' ? fitting.length : fitting.lastIndexOf(' ')
    const end = blank > fitting.length / 2 ? blank : fitting.length
    lines.push(left.slice(0, end))
    left = left.slice(end).trimStart()
  }
  return lines
}

/** Returns the longest prefix of a text that takes at most `columns` columns, but at least one character. */
function fit(text: string, columns: number): string {
  let end = 0
  let taken = 0
  for (const character of text) {
    taken += WIDE.test(character) ? 2 : ZERO.test(character) ? 0 : 1
    if (taken > columns && end > 0) break
    end += character.length
  }
  return text.slice(0, end)
}

/**
 * Characters that terminals draw two columns wide (Unicode Standard Annex 11, East Asian Width W and F), and those
 * without width.
 */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u
