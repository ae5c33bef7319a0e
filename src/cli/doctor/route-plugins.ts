import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppFacts } from './app.ts'
import { type Check, fact, ok } from './check.ts'

interface RoutePlugin {
  /** The package that the app depends on. */
  readonly framework: string
  readonly plugin: string
  /** The files in which the plugin is used, without their extension. */
  readonly files: readonly string[]
  readonly line: string
}

/** Frameworks whose router is part of their build output, so that only a plugin of the app sees its routes. */
const ROUTE_PLUGINS: readonly RoutePlugin[] = [
  { framework: 'nuxt', plugin: 'nuxt', files: ['nuxt.config'], line: `modules: ['@paxx/obs/nuxt'] in nuxt.config` },
  ...['nitropack', 'nitro'].map((framework) => ({
    framework,
    plugin: 'nitro',
    files: ['plugins/obs', 'server/plugins/obs', 'src/plugins/obs', 'nitro.config', 'vite.config'],
    line: `export { default } from '@paxx/obs/nitro' in plugins/obs.js`,
  })),
  {
    framework: '@sveltejs/kit',
    plugin: 'sveltekit',
    files: ['src/hooks.server', 'src/hooks.server/index'],
    line: `export { handle } from '@paxx/obs/sveltekit' in src/hooks.server`,
  },
  {
    framework: 'astro',
    plugin: 'astro',
    files: ['src/middleware', 'src/middleware/index'],
    line: `export { onRequest } from '@paxx/obs/astro' in src/middleware`,
  },
]

const ENDINGS = ['.js', '.ts', '.mjs', '.mts']

/** Returns one check for each such framework that the app depends on. */
export function routePluginChecks({ folder, manifest }: AppFacts): Check[] {
  const dependencies = { ...manifest?.dependencies, ...manifest?.devDependencies }
  return ROUTE_PLUGINS.filter(({ framework }) => framework in dependencies).map(
    ({ framework, plugin, files, line }) => {
      const name = `@paxx/obs/${plugin}`
      const isNamed = files.some((file) => ENDINGS.some((ending) => textOf(join(folder, file + ending)).includes(name)))
      if (isNamed) return ok('routes', `${framework} reports its routes with ${name}`)
      return fact('routes', `${framework} compiles its router into the build output: requests have no route`, line)
    },
  )
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
