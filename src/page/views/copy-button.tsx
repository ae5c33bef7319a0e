import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

export interface CopyButtonProps {
  readonly label: string
  readonly content: () => string
}

/** Copies a text and confirms it for a moment. */
export function CopyButton({ label, content }: CopyButtonProps): JSX.Element {
  const [copied, setCopied] = useState<string>()
  const copy = async (): Promise<void> => {
    const succeeded = await navigator.clipboard?.writeText(content()).then(
      () => true,
      () => false,
    )
    setCopied(succeeded === true ? 'Copied' : 'The browser does not allow it')
    setTimeout(() => setCopied(undefined), 1500)
  }
  return (
    <button type="button" onClick={() => void copy()}>
      <span role="status">{copied ?? label}</span>
    </button>
  )
}
