import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const ROOT = join(import.meta.dirname, '..')
const SOURCES = join(ROOT, 'src/page')

/**
 * Builds the page of the side port into `directory`: one script, one style sheet and one document. Returns the modules
 * that were inlined.
 */
export async function buildPage(directory: string): Promise<Set<string>> {
  mkdirSync(directory, { recursive: true })
  const build = await rolldown({
    cwd: ROOT,
    input: { page: join(SOURCES, 'main.tsx') },
    platform: 'browser',
    transform: {
      define: { 'process.env.NODE_ENV': '"production"' },
    },
  })
  const { output } = await build.write({
    dir: directory,
    format: 'esm',
    entryFileNames: 'page.js',
    minify: true,
    codeSplitting: false,
  })
  await build.close()
  const styles = [join(ROOT, 'node_modules/uplot/dist/uPlot.min.css'), join(SOURCES, 'page.css')]
  writeFileSync(join(directory, 'page.css'), styles.map((file) => readFileSync(file, 'utf8')).join('\n'))
  cpSync(join(SOURCES, 'index.html'), join(directory, 'index.html'))
  return new Set(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : [])))
}
