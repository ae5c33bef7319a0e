import { useEffect, useReducer, useState } from 'preact/hooks'
import { hashParts } from '../model/address.ts'
import type { Store } from '../model/store.ts'

/** Redraws the component when the store changes. */
export function useStore(store: Store): void {
  const [, redraw] = useReducer((version: number) => version + 1, 0)
  useEffect(() => store.subscribe(() => redraw(undefined as never)), [store])
}

/** Returns the segments of the address after `#/`. */
export function useHash(): readonly string[] {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const update = (): void => setHash(location.hash)
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  return hashParts(hash)
}

const DARK = matchMedia('(prefers-color-scheme: dark)')

/** Redraws the component when the theme changes. */
export function useTheme(): 'light' | 'dark' {
  const [isDark, setDark] = useState(DARK.matches)
  useEffect(() => {
    const update = (): void => setDark(DARK.matches)
    DARK.addEventListener('change', update)
    return () => DARK.removeEventListener('change', update)
  }, [])
  return isDark ? 'dark' : 'light'
}
