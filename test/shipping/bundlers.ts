import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { installed } from './packages.ts'

/** A way to build the app of test/shipping/apps into one file, with the plugin of `@paxx/obs/bundler` or without. */
export interface Bundler {
  readonly name: string
  /** What has to be installed. */
  readonly needs: string
  /** Returns the file. */
  build(input: BuildInput): Promise<string>
  /** CI builds with these; the rest is in the table. */
  readonly typical?: true
  /** What makes the app observable; default: the plugin. */
  readonly remedy?: string
}

export interface BuildInput {
  readonly entry: string
  readonly folder: string
  readonly withPlugin: boolean
}

const plugins = createRequire(import.meta.filename)(join(import.meta.dirname, '../../dist/bundler.cjs')) as Record<
  'esbuild' | 'rollup' | 'rolldown' | 'vite' | 'webpack',
  () => unknown
>

/** Optional parts of pg, which are not installed. */
const EXTERNAL = ['pg-native', 'pg-cloudflare']

function load(file: string): never {
  return createRequire(import.meta.filename)(installed(file) as string) as never
}

const REQUIRE = "import{createRequire}from'module';const require=createRequire(import.meta.url);"

function esbuild(name: string, format: 'cjs' | 'esm', options: object = {}, typical?: true): Bundler {
  return {
    name,
    needs: 'esbuild/lib/main.js',
    ...(typical === undefined ? {} : { typical }),
    async build({ entry, folder, withPlugin }) {
      const { build } = load('esbuild/lib/main.js') as { build(options: object): Promise<unknown> }
      const outfile = join(folder, format === 'cjs' ? 'out.cjs' : 'out.mjs')
      await build({
        entryPoints: [entry],
        bundle: true,
        platform: 'node',
        format,
        outfile,
        sourcemap: true,
        logLevel: 'error',
        external: EXTERNAL,
        plugins: withPlugin ? [plugins.esbuild()] : [],
        ...(format === 'esm' ? { banner: { js: REQUIRE } } : {}),
        ...options,
      })
      return outfile
    },
  }
}

interface RollupBuild {
  write(options: object): Promise<unknown>
}

function rolldown(format: 'cjs' | 'esm', typical?: true): Bundler {
  return {
    name: `Rolldown, ${format}`,
    needs: 'rolldown/dist/index.mjs',
    ...(typical === undefined ? {} : { typical }),
    async build({ entry, folder, withPlugin }) {
      const { rolldown: build } = (await import(installed('rolldown/dist/index.mjs') as string)) as {
        rolldown(options: object): Promise<RollupBuild>
      }
      const file = join(folder, format === 'cjs' ? 'out.cjs' : 'out.mjs')
      const made = await build({
        input: entry,
        platform: 'node',
        external: EXTERNAL,
        plugins: withPlugin ? [plugins.rolldown()] : [],
      })
      await made.write({ file, format, sourcemap: true })
      return file
    },
  }
}

/** The packages are in files of their own, and the main script is small. */
const ROLLDOWN_SPLIT: Bundler = {
  name: 'Rolldown, esm, split',
  needs: 'rolldown/dist/index.mjs',
  async build({ entry, folder, withPlugin }) {
    const { rolldown: build } = (await import(installed('rolldown/dist/index.mjs') as string)) as {
      rolldown(options: object): Promise<RollupBuild>
    }
    const made = await build({
      input: { out: entry },
      platform: 'node',
      external: EXTERNAL,
      plugins: withPlugin ? [plugins.rolldown()] : [],
    })
    await made.write({
      dir: folder,
      format: 'esm',
      sourcemap: true,
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name].mjs',
      codeSplitting: { groups: [{ name: 'vendor', test: /node_modules/ }] },
    })
    return join(folder, 'out.mjs')
  },
}

const ESBUILD_SPLIT: Bundler = {
  name: 'esbuild, esm, split',
  needs: 'esbuild/lib/main.js',
  async build({ entry, folder, withPlugin }) {
    const { build } = load('esbuild/lib/main.js') as { build(options: object): Promise<unknown> }
    const other = join(folder, 'other.mjs')
    writeFileSync(other, "import './app.mjs'")
    await build({
      entryPoints: { out: entry, other },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      sourcemap: true,
      logLevel: 'error',
      allowOverwrite: true,
      external: EXTERNAL,
      plugins: withPlugin ? [plugins.esbuild()] : [],
      banner: { js: REQUIRE },
    })
    return join(folder, 'out.mjs')
  },
}

const ROLLUP: Bundler = {
  name: 'Rollup, esm',
  needs: 'rollup/dist/rollup.js',
  async build({ entry, folder, withPlugin }) {
    const { rollup } = load('rollup/dist/rollup.js') as { rollup(options: object): Promise<RollupBuild> }
    const { nodeResolve } = load('@rollup/plugin-node-resolve/dist/cjs/index.js') as {
      nodeResolve(options: object): unknown
    }
    const commonjs = load('@rollup/plugin-commonjs/dist/cjs/index.js') as (options: object) => unknown
    const json = load('@rollup/plugin-json/dist/cjs/index.js') as () => unknown
    const file = join(folder, 'out.mjs')
    const made = await rollup({
      input: entry,
      external: EXTERNAL,
      onwarn() {},
      plugins: [
        ...(withPlugin ? [plugins.rollup()] : []),
        nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
        commonjs({ ignoreDynamicRequires: true }),
        json(),
      ],
    })
    await made.write({ file, format: 'es', sourcemap: true })
    return file
  },
}

const VITE: Bundler = {
  name: 'Vite, noExternal',
  needs: 'vite/dist/node/index.js',
  async build({ entry, folder, withPlugin }) {
    const { build } = (await import(installed('vite/dist/node/index.js') as string)) as {
      build(options: object): Promise<unknown>
    }
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      plugins: withPlugin ? [plugins.vite()] : [],
      build: {
        ssr: entry,
        outDir: folder,
        emptyOutDir: false,
        sourcemap: true,
        rollupOptions: { output: { entryFileNames: 'out.mjs' } },
      },
      ssr: { noExternal: true, external: EXTERNAL },
    })
    return join(folder, 'out.mjs')
  },
}

function webpack(mode: 'production' | 'development', kind: string = mode, further: object = {}): Bundler {
  return {
    name: `webpack, ${kind}`,
    needs: 'webpack/lib/index.js',
    async build({ entry, folder, withPlugin }) {
      const run = load('webpack/lib/index.js') as (
        options: object,
        done: (error: Error | null, stats?: { hasErrors(): boolean; toString(kind: string): string }) => void,
      ) => void
      const options = {
        mode,
        target: 'node',
        entry: { out: entry },
        devtool: 'source-map',
        output: { path: folder, filename: '[name].cjs' },
        plugins: withPlugin ? [plugins.webpack()] : [],
        ignoreWarnings: [/./],
        externals: { 'pg-native': 'commonjs pg-native' },
        ...further,
      }
      await new Promise<void>((resolve, reject) => {
        run(options, (error, stats) => {
          if (error !== null) reject(error)
          else if (stats?.hasErrors() === true) reject(new Error(stats.toString('errors-only')))
          else resolve()
        })
      })
      return join(folder, 'out.cjs')
    },
  }
}

const TSUP: Bundler = {
  name: 'tsup, noExternal',
  needs: 'tsup/dist/index.js',
  async build({ entry, folder, withPlugin }) {
    const { build } = load('tsup/dist/index.js') as { build(options: object): Promise<unknown> }
    const config = { entry: { out: entry }, format: ['cjs'], outDir: folder, noExternal: [/.*/], external: EXTERNAL }
    writeFileSync(join(folder, 'package.json'), '{}')
    await build({
      ...config,
      silent: true,
      config: false,
      sourcemap: true,
      esbuildPlugins: withPlugin ? [plugins.esbuild()] : [],
    })
    const made = ['out.cjs', 'out.js'].map((name) => join(folder, name)).find((path) => existsSync(path))
    if (made === undefined) throw new Error('tsup wrote no file')
    return made
  },
}

/** Takes no plugins. */
function ncc(minify: boolean): Bundler {
  return {
    name: minify ? 'ncc, minified' : 'ncc',
    needs: '@vercel/ncc/dist/ncc/index.js',
    remedy: 'with the packages outside',
    async build({ entry, folder, withPlugin }) {
      const build = load('@vercel/ncc/dist/ncc/index.js') as (
        entry: string,
        options: object,
      ) => Promise<{ code: string; map: string | undefined; assets: Record<string, { source: string | Buffer }> }>
      const { code, map, assets } = await build(entry, {
        cache: false,
        quiet: true,
        minify,
        sourceMap: true,
        sourceMapRegister: false,
        externals: withPlugin ? ['express', 'pg'] : ['pg-native'],
      })
      const output = join(folder, 'ncc/index.mjs')
      mkdirSync(join(folder, 'ncc'), { recursive: true })
      writeFileSync(output, code)
      if (map !== undefined) writeFileSync(`${output}.map`, map)
      for (const [name, { source }] of Object.entries(assets)) writeFileSync(join(folder, 'ncc', name), source)
      return output
    },
  }
}

export const BUNDLERS: readonly Bundler[] = [
  esbuild('esbuild, cjs', 'cjs', {}, true),
  esbuild('esbuild, esm', 'esm'),
  esbuild('esbuild, cjs, minified', 'cjs', { minify: true }, true),
  rolldown('esm', true),
  rolldown('cjs'),
  ROLLUP,
  VITE,
  webpack('production'),
  webpack('development'),
  webpack('development', 'eval-source-map', { devtool: 'eval-source-map' }),
  webpack('production', 'production, split', { optimization: { splitChunks: { chunks: 'all', name: 'vendor' } } }),
  ESBUILD_SPLIT,
  ROLLDOWN_SPLIT,
  TSUP,
  ncc(false),
  ncc(true),
]
