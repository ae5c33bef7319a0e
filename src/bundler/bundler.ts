import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CANDIDATE, markOf } from './marked.ts'

/**
 * `@paxx/obs/bundler` makes a bundled app as observable as one that is not bundled. A package inside a bundle is never
 * resolved, so the preload cannot instrument it; with the plugin, each package that can be instrumented passes its
 * exports to the preload. The app still has to be started with the preload: `node --require @paxx/obs/register
 * dist/server.js`.
 */

const NAME = 'paxx-obs'

/** The part of esbuild's API that is used here. */
export interface EsbuildPlugin {
  name: string
  setup(build: {
    onLoad(
      options: { filter: RegExp; namespace?: string },
      callback: (args: { path: string }) => Promise<{ contents: string; loader: 'js' } | undefined>,
    ): void
  }): void
}

/** Returns the plugin for `plugins` in esbuild's options and `esbuildPlugins` in tsup's. */
export function esbuild(): EsbuildPlugin {
  return {
    name: NAME,
    setup(build) {
      build.onLoad({ filter: CANDIDATE, namespace: 'file' }, async ({ path }) => {
        const code = await readFile(path, 'utf8')
        const mark = markOf(path, () => code)
        return mark === undefined ? undefined : { contents: code + mark, loader: 'js' }
      })
    },
  }
}

/** The part of the API of Rollup, Rolldown and Vite that is used here. */
export interface RollupPlugin {
  name: string
  /** Makes Vite run the plugin before its own. */
  enforce: 'pre'
  transform: {
    order: 'pre'
    handler(code: string, id: string): { code: string; map: null } | null
  }
}

/**
 * Returns the plugin for `plugins` in the configuration of Rollup, Rolldown or Vite. It has to precede `commonjs()`.
 */
export function rollup(): RollupPlugin {
  return {
    name: NAME,
    enforce: 'pre',
    transform: {
      order: 'pre',
      handler(code, id) {
        if (!CANDIDATE.test(id)) return null
        const mark = markOf(id, () => code)
        // The code before the mark does not move, so source maps stay correct.
        return mark === undefined ? null : { code: code + mark, map: null }
      },
    },
  }
}

export const rolldown: typeof rollup = rollup
export const vite: typeof rollup = rollup

/** The part of webpack's API that is used here. */
export interface WebpackPlugin {
  apply(compiler: { options: { module: { rules: unknown[] } } }): void
}

/**
 * Returns the plugin for `plugins` in the configuration of webpack, and of tools built on it (Next.js: in
 * `webpack(config)`, for the server).
 */
export function webpack(): WebpackPlugin {
  return {
    apply({ options }) {
      options.module.rules.push({
        test: CANDIDATE,
        enforce: 'pre',
        use: [{ loader: join(__dirname, 'bundler-webpack-loader.cjs') }],
      })
    },
  }
}
