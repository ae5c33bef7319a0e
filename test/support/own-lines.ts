/** The lines of a process's stderr that are this package's, and those that are the app's. */
export function splitStderr(stderr: string): { own: string[]; app: string[] } {
  const lines = stderr.split('\n').filter((line) => line !== '')
  return { own: lines.filter(isOwn), app: lines.filter((line) => !isOwn(line)) }
}

function isOwn(line: string): boolean {
  return line.startsWith('@paxx/obs: ')
}
