import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

export interface CopyButtonProps {
  readonly label: string
  readonly content: () => string
}

/** Copies a text and confirms it for a moment. */
export function CopyButton({ label, content }: CopyButtonProps): JSX.Element {
  const [said, setSaid] = useState<string>()
  const copy = async (): Promise<void> => {
    const succeeded = await navigator.clipboard?.writeText(content()).then(
      () => true,
      () => false,
    )
    setSaid(succeeded === true ? 'Copied' : 'The browser does not allow it')
    setTimeout(() => setSaid(undefined), 1500)
  }
  return (
    <button type="button" onClick={() => void copy()}>
      <span role="status">{said ?? label}</span>
    </button>
  )
}
