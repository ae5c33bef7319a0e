import { execFileSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Builds `dist/` unless it is there and newer than everything it is made of. */
export function build(root: string): void {
  const built = join(root, 'dist', 'index.cjs')
  const sources = globSync(['src/**/*.ts', 'scripts/*.ts', 'package-lock.json'], { cwd: root })
  const builtAt = existsSync(built) ? statSync(built).mtimeMs : 0
  if (sources.every((source) => statSync(join(root, source)).mtimeMs < builtAt)) return
  console.log('building @paxx/obs …')
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}
