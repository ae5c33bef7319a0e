import { matchesGlob } from './glob.ts'
import type { GuardrailSettings } from '../settings/settings.ts'

/** What this process was started to do, and whether its own command line names the preload. */
export interface Invocation {
  /** The absolute path of the main script with links resolved, or `[eval]`, `[repl]`, `[snapshot]`, `[stdin]`. */
  readonly main: string
  /** The script's first argument: some frameworks build and serve with one script. */
  readonly command?: string | undefined
  /** Set by `node --check`, which runs nothing. */
  readonly checksOnly: boolean
  /**
   * Whether the preload is on this process's command line, not in `NODE_OPTIONS`: it is then meant for this very
   * process.
   */
  readonly asked: boolean
  /** Whether this is a test runner (`node --test`, Jest) or a process that one started for its tests. */
  readonly runsTests?: boolean
}

/**
 * Programs that `NODE_OPTIONS` reaches on the way to the app, by package name; `package/path` when only a part of the
 * package is a tool: PM2 starts apps through scripts of its own package.
 */
// oxfmt-ignore
const TOOLS: readonly string[] = [
  // package managers, and where corepack and Yarn's own releases keep them
  'npm', 'npx', 'pnpm', '@pnpm/exe', 'yarn', '@yarnpkg/cli', '@yarnpkg/cli-dist', 'corepack', 'node-gyp', 'npm-check-updates', 'husky',
  '*/corepack/v1/*', '*/.yarn/releases/*',
  // programs that start the app as a separate process
  'tsx/dist/cli.*', 'nodemon', 'forever', 'ts-node-dev/lib/bin*', 'concurrently', 'npm-run-all', 'npm-run-all2', 'cross-env', 'dotenv-cli', 'env-cmd',
  '@paxx/obs', 'wait-on', 'turbo', 'nx', 'lerna', '@nestjs/cli', 'pm2/bin/*', 'pm2/lib/Daemon.*', 'c8', 'nyc',
  // compilers, bundlers, linters, formatters
  'typescript', '@typescript/native-preview', '@babel/cli', '@swc/cli', 'webpack', 'webpack-cli', 'vite', 'rollup',
  'rolldown', 'esbuild', 'tsup', 'tsdown', 'parcel', '@vercel/ncc', '@angular/cli', 'eslint', 'prettier', 'oxlint',
  'oxfmt', '@biomejs/biome', 'stylelint', 'lint-staged', 'knip',
  // frameworks while they build: by script and first argument
  'next/dist/compiled/jest-worker/*', 'next build', 'next lint', 'next info', 'next telemetry', 'nuxt build', 'nuxi build', '@nuxt/cli build', 'astro build', 'gatsby build',
  '@react-router/dev build', '@remix-run/dev build', '@docusaurus/core build',
  // test runners
  'jest', 'jest-cli', 'vitest', 'mocha', 'ava', 'tap', '@playwright/test', 'playwright', 'cypress',
  // tools of database libraries
  'prisma', 'typeorm', 'sequelize-cli', 'knex', 'drizzle-kit', '@mikro-orm/cli',
]

/** A one-liner or a prompt is not what `NODE_OPTIONS` was set for. */
const NOT_AN_APP: readonly string[] = ['[eval]', '[repl]']

/**
 * Returns why this process is not the app; undefined when it may be. `never` and `always` take precedence over the
 * list, and `never` over `always`.
 */
export function whyNotTheApp(invocation: Invocation, settings: GuardrailSettings): string | undefined {
  const { main, command, checksOnly, asked, runsTests = false } = invocation
  if (checksOnly) return 'node --check runs nothing'
  const path = main.replaceAll('\\', '/')
  const inPackage = namesInPackage(path, command)
  const names = [path, path.slice(path.lastIndexOf('/') + 1), ...inPackage]
  const never = matching(settings.never, names)
  if (never !== undefined) return `OBS_NEVER_INSTRUMENT has "${never}"`
  if (asked || matching(settings.always, names) !== undefined) return undefined
  if (runsTests) return 'it runs tests'
  if (NOT_AN_APP.includes(main)) return `${main} is not an app`
  // Tools are not matched by file name: an app may well have a script of the same name.
  const tool = matching(TOOLS, [path, ...inPackage])
  return tool === undefined ? undefined : `${tool} is a tool`
}

/**
 * Returns `package`, `package/path` and `package command` for a script within a package. Debian keeps packages in
 * /usr/share/nodejs.
 */
function namesInPackage(path: string, command: string | undefined): string[] {
  const found = /^.*\/(?:node_modules|share\/nodejs)\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(path)
  if (found === null) return []
  const [, name = '', file = ''] = found
  return [name, `${name}/${file}`, ...(command === undefined ? [] : [`${name} ${command}`])]
}

function matching(patterns: readonly string[], names: readonly string[]): string | undefined {
  return patterns.find((pattern) => names.some((name) => matchesGlob(pattern, name)))
}
