import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'

export interface VirtualListProps<Item> {
  readonly items: readonly Item[]
  readonly rowHeight: number
  readonly label: string
  readonly keyOf: (item: Item, index: number) => string
  readonly children: (item: Item, index: number) => ComponentChildren
  /** The maximum height of the list in pixels. */
  readonly maxHeight: number
}

/** A list whose document contains only the visible rows, so that ten thousand rows scroll as fast as ten. */
export function VirtualList<Item>({
  items,
  rowHeight,
  label,
  keyOf,
  children,
  maxHeight,
}: VirtualListProps<Item>): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null)
  const [, redraw] = useReducer((version: number) => version + 1, 0)
  const options = {
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialRect: { width: 800, height: maxHeight },
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined as never),
  }
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options))
  virtualizer.setOptions(options)
  useEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => virtualizer._willUpdate())
  return (
    <div
      class="list"
      ref={scroller}
      style={{ maxHeight: `${maxHeight}px` }}
      role="list"
      aria-label={label}
      tabIndex={0}
      onKeyDown={moveFocus}
    >
      <div class="list-space" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          return item === undefined ? null : (
            <div
              class="list-row"
              role="listitem"
              key={keyOf(item, index)}
              style={{ transform: `translateY(${start}px)`, height: `${rowHeight}px` }}
            >
              {children(item, index)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** The arrow keys move between rows once a row has the focus. */
function moveFocus(event: KeyboardEvent): void {
  const sibling = ({ ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' } as const)[event.key]
  const row = event.target instanceof Element ? event.target.closest('.list-row') : null
  const next = sibling === undefined ? null : row?.[sibling]?.querySelector<HTMLElement>('a, .span-name, button')
  if (next === null || next === undefined) return
  event.preventDefault()
  next.focus()
}
