/**
 * Returns the path with symbolic links resolved, or as given when there is no such file: `node server` means server.js.
 */
export function followLinks(path: string, realPath: (path: string) => string): string {
  try {
    return realPath(path)
  } catch {
    return path
  }
}
