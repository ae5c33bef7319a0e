type Emit = (...args: unknown[]) => boolean

/**
 * Runs `atEnd` after the app's own `exit` listeners, which may still end spans. A listener of ours would run before them
 * and show up among them; what node calls last is `process.emit('exit')` and, inside `process.exit()`,
 * `process.reallyExit()`.
 */
export function watchExit(atEnd: () => void): void {
  const quietly = (): void => {
    try {
      atEnd()
    } catch {
      // The process ends as it would have.
    }
  }
  const raw = process as unknown as { emit: Emit; reallyExit(code: number): never }
  const { emit, reallyExit } = raw
  raw.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    if (args[0] !== 'exit') return Reflect.apply(emit, this, args) as boolean
    try {
      return Reflect.apply(emit, this, args) as boolean
    } finally {
      quietly()
    }
  }
  // Also how a listener that calls process.exit() again, and tools that skip the event, leave.
  raw.reallyExit = function (this: NodeJS.Process, code: number): never {
    quietly()
    return Reflect.apply(reallyExit, this, [code]) as never
  }
}
