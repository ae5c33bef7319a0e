/** A span as it is drawn. */
export interface TreeNode {
  readonly id: string
  readonly parentId: string | undefined
  readonly name: string
  /** Milliseconds; the order of siblings. */
  readonly startMs: number
  readonly durationMs: number
  readonly failed: boolean
  /** Shown behind the name. */
  readonly note: string
}

export type Painter = (style: 'failed' | 'dim' | 'bold', text: string) => string

const DURATION_COLUMNS = 9
const MIN_COLUMNS = 40

/**
 * The spans as lines of at most `columns` characters: duration, branch, name and note. A text that is too long is cut with
 * an ellipsis, and control characters are blanks, since both come from outside. Spans whose parent is missing hang below the root.
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
    lines.push(lineOf(node, branch, Math.max(MIN_COLUMNS, columns), paint))
    const inside = children.get(node.id) ?? []
    children.delete(node.id)
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

function lineOf({ name, note, durationMs, failed }: TreeNode, branch: string, columns: number, paint: Painter): string {
  const duration = milliseconds(durationMs).padStart(DURATION_COLUMNS)
  const room = Math.max(0, columns - DURATION_COLUMNS - 2 - branch.length)
  const shownName = cut(plain(name), room)
  const shownNote = cut(plain(note), Math.max(0, room - shownName.length - 1))
  const head = failed ? paint('failed', shownName) : branch === '' ? paint('bold', shownName) : shownName
  return `${paint('dim', duration)}  ${branch}${head}${shownNote === '' ? '' : ` ${paint('dim', shownNote)}`}`
}

function milliseconds(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms >= 100 ? 0 : 1)} ms`
}

function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

function cut(text: string, room: number): string {
  const characters = Array.from(text)
  return characters.length <= room
    ? text
    : `${characters.slice(0, Math.max(0, room - 1)).join('')}${room > 0 ? '…' : ''}`
}
