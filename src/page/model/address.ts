/** The part of the address behind `#/`, by its slashes. What is no valid encoding stays as it is. */
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
