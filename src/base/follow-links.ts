/** The path with symbolic links followed; as given where there is no such file: `node server` means server.js. */
export function followLinks(path: string, realPath: (path: string) => string): string {
  try {
    return realPath(path)
  } catch {
    return path
  }
}
