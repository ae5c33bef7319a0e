import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputChunk } from 'rolldown'
import { minifySync } from 'rolldown/utils'

/**
 * Large entries that few processes load and that contain no frame of an app's stack traces: generated validators, a
 * regular expression engine, a YAML parser, cloud clients, the command line.
 */
const MINIFIED =
  /^(?:config-file|linear-expression|cloud|cloud-worker|cli|cli-doctor|cli-init|instrumentation-host-metrics)$/

/**
 * Minifies these chunks in `folder`, and those that only they load, to reduce the package's size. All others are left
 * as they are.
 */
export function minifyLate(folder: string, chunks: readonly OutputChunk[]): void {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const readable = new Set<string>()
  const keep = (file: string): void => {
    const chunk = byFile.get(file)
    if (chunk === undefined || readable.has(file)) return
    readable.add(file)
    for (const each of [...chunk.imports, ...chunk.dynamicImports]) keep(each)
  }
  for (const { isEntry, name, fileName } of chunks) if (isEntry && !MINIFIED.test(name)) keep(fileName)
  for (const { fileName } of chunks) if (!readable.has(fileName)) minify(join(folder, fileName))
}

function minify(file: string): void {
  const { code, errors } = minifySync(file, readFileSync(file, 'utf8'), {
    module: false,
    compress: true,
    // Class names are inspected at run time, and Node's lexer finds exports by the name `exports`.
    mangle: { toplevel: true, keepNames: { class: true, function: false }, reserved: ['exports', 'module'] },
    codegen: { legalComments: 'inline', asciiOnly: true },
  })
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`)
  writeFileSync(file, code)
}
