import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputChunk } from 'rolldown'
import { type MinifyOptions, minifySync } from 'rolldown/utils'
import { plainExports } from './plain-exports.ts'

/**
 * Entries that contain no frame of an app's stack traces: they run in other threads and processes, after the app's own
 * turn (side port, fleet, encoding), or in few processes (generated validators, a regular expression engine, a YAML
 * parser, cloud clients, the command line).
 */
const MINIFIED: ReadonlySet<string> = new Set([
  // other threads and processes
  'app-thread-export',
  'cli',
  'cli-doctor',
  'cli-init',
  'cli-run',
  'cli-settings',
  'cli-warm',
  'cloud-worker',
  'export-worker',
  // before the app's first line, and after its own turn
  'settings',
  'instrumentation-runtime-node',
  'process-metrics',
  'thread-aggregation',
  'views',
  'named-options',
  'page',
  'parse-dot-env',
  'printing',
  'push-metrics',
  'rebatcher',
  'serialize',
  'sideport-auth',
  'sideport-server',
  'unmarked-bundle',
  'zipkin',
  // in few processes
  'bundler',
  'bundler-webpack-loader',
  'cloud',
  'config-file',
  'instrumentation-host-metrics',
  'linear-expression',
])

const isMinified = (name: string): boolean => MINIFIED.has(name) || /^fleet(?:-\w+)?$/.test(name)

/**
 * Minifies those chunks in `folder`, and what only they load, for the package's size. All others keep their lines and
 * the names of functions and classes, since they may be in a stack trace; local names and expressions become shorter.
 * All are ASCII: V8 keeps the source of everything that is loaded, with two bytes a character where one is not Latin.
 */
export function minifyChunks(folder: string, chunks: readonly OutputChunk[]): void {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const readable = new Set<string>()
  const keep = (file: string): void => {
    const chunk = byFile.get(file)
    if (chunk === undefined || readable.has(file)) return
    readable.add(file)
    for (const each of [...chunk.imports, ...chunk.dynamicImports]) keep(each)
  }
  for (const { isEntry, name, fileName } of chunks) if (isEntry && !isMinified(name)) keep(fileName)
  for (const { fileName } of chunks) rewrite(join(folder, fileName), readable.has(fileName) ? SHORTER : SHORTEST)
}

const CODEGEN = { legalComments: 'inline', asciiOnly: true } as const

const SHORTER: MinifyOptions = {
  module: false,
  compress: { keepNames: { class: true, function: true }, sequences: false, joinVars: false },
  mangle: { toplevel: false, keepNames: { class: true, function: true } },
  codegen: { ...CODEGEN, removeWhitespace: false },
}

const SHORTEST: MinifyOptions = {
  module: false,
  compress: true,
  // Class names are inspected at run time, and Node's lexer finds exports by the name `exports`.
  mangle: { toplevel: true, keepNames: { class: true, function: false }, reserved: ['exports', 'module'] },
  codegen: CODEGEN,
}

function rewrite(file: string, options: MinifyOptions): void {
  const { code, errors } = minifySync(file, plainExports(readFileSync(file, 'utf8')), options)
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`)
  // Node's lexer knows the getter of an export by the word.
  writeFileSync(file, code.replaceAll(/\benumerable:( ?)!0/g, 'enumerable:$1true'))
}
