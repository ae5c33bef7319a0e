import { Problem } from '../../base/problem.ts'
import { isDeepStrictEqual } from 'node:util'
import { applyEdits, type FormattingOptions, type JSONPath, modify, parse, type ParseError } from 'jsonc-parser'
import { VERSION } from '../../base/version.ts'
import { type Edit, lineEndOf, withoutMark } from './edit.ts'
import { optionFor, startOf, withPreload } from './start-script.ts'

const PACKAGE = '@paxx/obs'

type StringRecord = Readonly<Record<string, string>>

/** The parts of a package.json that `init` uses. */
export interface Manifest {
  readonly name: string | undefined
  readonly main: string | undefined
  readonly scripts: StringRecord
  readonly dependencies: StringRecord
  readonly devDependencies: StringRecord
  readonly isWorkspaceRoot: boolean
}

/** Reads a package.json. Returns a `Problem` that describes what is wrong with it. */
export function readManifest(text: string): Manifest | Problem {
  const errors: ParseError[] = []
  const value: unknown = parse(withoutMark(text).body, errors, { disallowComments: true })
  if (errors.length > 0) return new Problem(`is not valid JSON (at character ${errors[0]?.offset})`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Problem('is not a JSON object')
  const { name, main, workspaces, ...rest } = value as Record<string, unknown>
  for (const member of ['scripts', 'dependencies', 'devDependencies'] as const) {
    if (rest[member] !== undefined && !isTexts(rest[member])) {
      return new Problem(`has "${member}" that are not strings`)
    }
  }
  return {
    name: typeof name === 'string' && name.trim() !== '' ? name.trim() : undefined,
    main: typeof main === 'string' && main !== '' ? main : undefined,
    scripts: (rest['scripts'] ?? {}) as StringRecord,
    dependencies: (rest['dependencies'] ?? {}) as StringRecord,
    devDependencies: (rest['devDependencies'] ?? {}) as StringRecord,
    isWorkspaceRoot: workspaces !== undefined,
  }
}

function isTexts(value: unknown): value is StringRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((member) => typeof member === 'string')
}

/** Adds the dependency and the start script. `exists` returns whether the project has a file of that name. */
export function editManifest(text: string, exists: (file: string) => boolean, plugnplay = false): Edit {
  const manifest = readManifest(text)
  if (manifest instanceof Problem) return { refused: manifest.reason }
  const notes: string[] = []
  const changes: { readonly path: JSONPath; readonly value: string }[] = []
  const done: string[] = []
  if (manifest.devDependencies[PACKAGE] !== undefined) {
    notes.push(`${PACKAGE} is among the devDependencies, which a production install omits: move it to dependencies`)
  } else if (manifest.dependencies[PACKAGE] === undefined) {
    changes.push({ path: ['dependencies', PACKAGE], value: `^${VERSION}` })
    done.push('dependency')
  }
  const start = startChange(manifest, exists, plugnplay)
  if ('note' in start) notes.push(start.note)
  else if (start.script !== undefined) {
    changes.push({ path: ['scripts', start.name], value: start.script })
    done.push(start.name === 'start' ? 'start script' : `script "${start.name}", which the start script runs`)
  }
  notes.push(...otherScripts(manifest, 'name' in start ? start.name : undefined, plugnplay))
  if (changes.length === 0) return { unchanged: 'is set up already', notes }
  const after = changed(text, changes)
  return after === undefined
    ? { refused: 'has a format that cannot be extended automatically', notes }
    : { text: after, summary: done.join(' and '), notes }
}

/** A script to change; `script` is undefined if it has the preload already. */
type StartChange = { readonly name: string; readonly script: string | undefined } | { readonly note: string }

function startChange(manifest: Manifest, exists: (file: string) => boolean, plugnplay: boolean): StartChange {
  const { scripts, main, dependencies, devDependencies } = manifest
  if (scripts['start'] === undefined) {
    const file = [main, 'index.js', 'index.mjs', 'server.js', 'server.mjs', 'app.js', 'app.mjs'].find(
      (name) => name !== undefined && exists(name),
    )
    if (file !== undefined) return { name: 'start', script: startOf(file, plugnplay) }
    const command = startOf('<file>', plugnplay)
    return { note: `there is no start script: start the app with ${plugnplay ? 'yarn ' : ''}${command}` }
  }
  const hasCrossEnv = (dependencies['cross-env'] ?? devDependencies['cross-env']) !== undefined
  const { name, text } = scriptThatStarts(scripts)
  const result = withPreload(text, { hasCrossEnv, plugnplay })
  if ('already' in result) return { name, script: undefined }
  if ('script' in result) return { name, ...result }
  const subject = name === 'start' ? 'the start script' : `the script "${name}", which the start script runs,`
  return {
    note: `${subject} is "${text}", which does not accept node flags: start it with NODE_OPTIONS="${optionFor(text, plugnplay)}"`,
  }
}

/** Returns the start script, or the script that it runs in the end by `node --run`. */
function scriptThatStarts(scripts: StringRecord): { readonly name: string; readonly text: string } {
  const seen = new Set<string>()
  let name = 'start'
  for (;;) {
    const text = scripts[name] ?? ''
    const result = withPreload(text)
    seen.add(name)
    if (!('runs' in result) || seen.has(result.runs) || !Object.hasOwn(scripts, result.runs)) return { name, text }
    name = result.runs
  }
}

/** Scripts that start the app in another way, by their usual names. They are left as they are. */
const ALSO_STARTS = /^(?:dev|develop|serve|watch|preview|start[:.-].+|dev[:.-].+)$/

function otherScripts({ scripts }: Manifest, start: string | undefined, plugnplay: boolean): readonly string[] {
  return Object.entries(scripts).flatMap(([name, text]) => {
    const result = name !== start && ALSO_STARTS.test(name) ? withPreload(text, { plugnplay }) : undefined
    if (result === undefined || !('script' in result)) return []
    return [`the script "${name}" is left without the preload; with it: ${result.script}`]
  })
}

/**
 * Makes only the given changes and leaves every other byte as it was. Returns undefined if anything else would change.
 */
function changed(text: string, changes: readonly { path: JSONPath; value: string }[]): string | undefined {
  const { mark, body } = withoutMark(text)
  const formattingOptions = formatOf(body)
  const expected = JSON.parse(body) as Record<string, Record<string, string>>
  let after = body
  for (const { path, value } of changes) {
    const [group, name] = path as [string, string]
    const others = Object.keys(expected[group] ?? {})
    const isSorted = others.every((other, index) => index === 0 || (others[index - 1] ?? '') <= other)
    const position = isSorted && others.length > 0 ? others.filter((other) => other < name).length : others.length
    const edits = modify(after, path, value, {
      ...(formattingOptions === undefined ? {} : { formattingOptions }),
      ...(expected[group] === undefined ? {} : { getInsertionIndex: () => position }),
    })
    after = applyEdits(after, edits)
    expected[group] = { ...expected[group], [name]: value }
  }
  return isDeepStrictEqual(parsedOrUndefined(after), expected) ? mark + after : undefined
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns undefined for a file in one line, which stays one. */
function formatOf(body: string): FormattingOptions | undefined {
  const indent = /\n([ \t]+)"/.exec(body)?.[1]
  if (indent === undefined)
    return body.trim().includes('\n') ? { insertSpaces: true, tabSize: 2, eol: lineEndOf(body) } : undefined
  return {
    insertSpaces: !indent.includes('\t'),
    tabSize: indent.includes('\t') ? 1 : indent.length,
    eol: lineEndOf(body),
  }
}
