/** Returns the segments of the address after `#/`. A segment with an invalid encoding is returned unchanged. */
export function hashParts(hash: string): string[] {
  return hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decoded)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
