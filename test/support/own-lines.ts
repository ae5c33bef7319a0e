/** Separates the lines on a process's stderr into those of this package and those of the app. */
export function splitStderr(stderr: string): { own: string[]; app: string[] } {
  const lines = stderr.split('\n').filter((line) => line !== '')
  return { own: lines.filter(isOwn), app: lines.filter((line) => !isOwn(line)) }
}

function isOwn(line: string): boolean {
  return line.startsWith('@paxx/obs: ')
}
