import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { parseAst } from 'rolldown/parseAst'
import { TAKEN, TAKEN_METHODS } from '../../scripts/substitute-primordials.ts'
import { ROOT } from '../support/paths.ts'

/**
 * No file of the bundle may use a global that apps and tests replace: it uses what `src/base/primordials.ts` took when the
 * preload was loaded. That file is the one place where the globals are read.
 */
const DIST = join(ROOT, 'dist')
/** The bundles of one file among them take their own. */
const WHERE_THEY_ARE_TAKEN = [
  'index.cjs',
  'start.cjs',
  'loader.cjs',
  'export-worker.cjs',
  'bundler.cjs',
  'bundler-webpack-loader.cjs',
]

/** What the bundler itself writes to export a chunk's members. */
const WRITTEN_BY_THE_BUNDLER = /Object\.defineProperty(?=\(exports,|;)/g

/** Dependencies ask `globalThis` whether there is one. */
const ASKED_FOR = ['process', 'TextEncoder', 'TextDecoder']

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

let uses: Map<string, string[]>

before(() => {
  uses = new Map()
  for (const file of readdirSync(DIST).filter(
    (name) => name.endsWith('.cjs') && !WHERE_THEY_ARE_TAKEN.includes(name),
  )) {
    for (const name of globalsIn(
      readFileSync(join(DIST, file), 'utf8').replaceAll(WRITTEN_BY_THE_BUNDLER, 'exported'),
    )) {
      uses.set(name, [...(uses.get(name) ?? []), file])
    }
  }
})

for (const name of [...TAKEN, ...Object.keys(TAKEN_METHODS)]) {
  test(`no file of the bundle uses the global ${name}`, () => assert.deepEqual(uses.get(name) ?? [], []))
}

test('the walk over a file finds uses of globals, and only those', () => {
  const used = globalsIn(`
    const { performance } = shared; performance.now(); shared.setTimeout(f); ({ Map: 1, Set() {} }).Map
    Date.now(); setTimeout(f, 1).unref(); class Own extends Map {}; typeof Buffer; x instanceof URL; globalThis.WeakMap
    const { setInterval } = globalThis; setInterval(f)`)
  assert.deepEqual(used.toSorted(), [
    'Buffer',
    'Date',
    'Date.now',
    'Map',
    'URL',
    'WeakMap',
    'setInterval',
    'setTimeout',
  ])
})

/** The globals in question that a script refers to without declaring them, as `name` and as `name.method`. */
function globalsIn(code: string): string[] {
  const declared = new Set<string>()
  const used = new Set<string>()
  const fromGlobalThis = new Set<string>()
  visit(parseAst(code) as unknown as Node, undefined, '')
  return [
    ...[...used].filter((name) => !declared.has(name.split('.')[0] ?? '')),
    ...[...fromGlobalThis].filter((name) => TAKEN.includes(name)),
  ]

  function visit(node: Node, parent: Node | undefined, key: string): void {
    if (node.type === 'Identifier') see(node['name'] as string, parent, key)
    // const { setTimeout } = globalThis
    if (parent?.type === 'VariableDeclarator' && node.type === 'ObjectPattern' && isGlobalThis(parent['init'])) {
      for (const { value } of node['properties'] as { value: { name: string } }[]) fromGlobalThis.add(value.name)
    }
    for (const [childKey, child] of Object.entries(node)) {
      for (const each of Array.isArray(child) ? (child as unknown[]) : [child]) {
        if (isNode(each)) visit(each, node, childKey)
      }
    }
  }

  function see(name: string, parent: Node | undefined, key: string): void {
    const isMember = parent?.type === 'MemberExpression' && key === 'property' && parent['computed'] !== true
    if (isMember) {
      const { object } = parent as unknown as { readonly object: Node }
      if (object.type !== 'Identifier') return
      if (`${object['name']}.${name}` in TAKEN_METHODS) used.add(`${object['name']}.${name}`)
      if (isGlobalThis(object) && !ASKED_FOR.includes(name) && TAKEN.includes(name)) used.add(name)
    } else if (isDeclaration(parent, key)) declared.add(name)
    else if (!isKey(parent, key) && TAKEN.includes(name)) used.add(name)
  }
}

function isGlobalThis(node: unknown): boolean {
  return isNode(node) && node['name'] === 'globalThis'
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null | undefined)?.type === 'string'
}

function isDeclaration(parent: Node | undefined, key: string): boolean {
  if (parent === undefined) return false
  if (parent.type === 'VariableDeclarator' || parent.type === 'ClassDeclaration') return key === 'id'
  if (parent.type === 'FunctionDeclaration') return key === 'id' || key === 'params'
  return parent.type === 'Property' && key === 'value' && parent['shorthand'] === true
}

function isKey(parent: Node | undefined, key: string): boolean {
  const isProperty = ['Property', 'MethodDefinition', 'PropertyDefinition'].includes(parent?.type ?? '')
  return isProperty && key === 'key' && parent?.['computed'] !== true
}
