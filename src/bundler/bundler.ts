import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CANDIDATE, markOf } from './marked.ts'

/**
 * `@paxx/obs/bundler`: a bundled app is as observable as one that is not. A package that is inside of a bundle is never
 * resolved, so the preload cannot see it; with the plugin, each that can be instrumented announces itself to it. The preload
 * is still what starts telemetry: `node --require @paxx/obs/register dist/server.js`.
 */

const NAME = 'paxx-obs'

/** The part of esbuild's API that is used. */
export interface EsbuildPlugin {
  name: string
  setup(build: {
    onLoad(
      options: { filter: RegExp; namespace?: string },
      callback: (args: { path: string }) => Promise<{ contents: string; loader: 'js' } | undefined>,
    ): void
  }): void
}

/** For `plugins` of esbuild's options, and `esbuildPlugins` of tsup's. */
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

/** The part of the API of Rollup, Rolldown and Vite that is used. */
export interface RollupPlugin {
  name: string
  /** Vite: before its own plugins. */
  enforce: 'pre'
  transform: {
    order: 'pre'
    handler(code: string, id: string): { code: string; map: null } | null
  }
}

/** For `plugins` of Rollup's, Rolldown's and Vite's configuration; before `commonjs()`. */
export function rollup(): RollupPlugin {
  return {
    name: NAME,
    enforce: 'pre',
    transform: {
      order: 'pre',
      handler(code, id) {
        if (!CANDIDATE.test(id)) return null
        const mark = markOf(id, () => code)
        // Nothing before it moves, so source maps stay as they are.
        return mark === undefined ? null : { code: code + mark, map: null }
      },
    },
  }
}

export const rolldown: typeof rollup = rollup
export const vite: typeof rollup = rollup

/** The part of webpack's API that is used. */
export interface WebpackPlugin {
  apply(compiler: { options: { module: { rules: unknown[] } } }): void
}

/** For `plugins` of webpack's configuration, and of those built on it (Next.js: in `webpack(config)`, for the server). */
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
