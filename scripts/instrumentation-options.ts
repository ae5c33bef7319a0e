/**
 * Writes `src/hooks/options.generated.ts` from the type declarations of every instrumentation: which options each one
 * takes, and of which type, so that a misspelt option is noticed and a value is parsed according to its type.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { type CatalogSource, catalogSources } from './catalog.ts'
import { OWN_INSTRUMENTATIONS } from './own-instrumentations.ts'
import { CLIENTS } from './client-descriptors.ts'

const require = createRequire(import.meta.url)

/** The type of an option's value. Nested options are written with dots. */
type Kind = 'boolean' | 'number' | 'text' | 'list' | 'function' | 'object' | 'gone'

/** The parts of TypeScript's syntax tree that are used here. */
type Node = Record<string, any>

/** The interfaces, type aliases, enums and classes of one package, by name. */
type Declarations = ReadonlyMap<string, Node>

/** The options of the base class. */
const BASE: Readonly<Record<string, Kind>> = { enabled: 'boolean' }

function optionsOf({ name, from, className }: CatalogSource): Record<string, Kind> {
  const own = OWN_INSTRUMENTATIONS.find((each) => each.name === name)
  if (own !== undefined) return sorted({ ...BASE, ...own.options })
  if (from === undefined || className === undefined) {
    return sorted({ ...BASE, requireParentSpan: 'boolean', ...CLIENTS.get(name)?.options })
  }
  const declarations = declarationsOf(from)
  const config = configType({ from, className }, declarations)
  const options: Record<string, Kind> = { ...BASE }
  const members = config === undefined ? [] : membersOf(config, declarations)
  for (const member of members) addOption(options, '', member, declarations)
  return sorted(options)
}

function sorted(options: Readonly<Record<string, Kind>>): Record<string, Kind> {
  return Object.fromEntries(Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function declarationsOf(packageName: string): Declarations {
  const entry = require.resolve(packageName)
  const folder = entry.slice(
    0,
    entry.lastIndexOf(join('node_modules', packageName)) + join('node_modules', packageName).length,
  )
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.d\.(?:mts|ts)$/.test(file) && !file.split(sep).includes('node_modules') && !file.includes('.test'),
  )
  const declarations = new Map<string, Node>()
  for (const file of files) {
    for (const statement of parseAst(readFileSync(join(folder, file), 'utf8'), { lang: 'dts' }).body as Node[]) {
      const declaration = statement['declaration'] ?? statement
      if (declaration?.id?.name !== undefined) declarations.set(declaration.id.name, declaration)
    }
  }
  return declarations
}

/**
 * Returns the type of the constructor's parameter, or of `Config` in `class X extends InstrumentationBase<Config>`;
 * undefined if there are no options of its own.
 */
function configType(
  { className, from }: { className: string; from: string },
  declarations: Declarations,
): Node | undefined {
  const declared = declarations.get(className)
  if (declared === undefined) throw new Error(`${from} declares no ${className}`)
  const constructor: Node | undefined = declared['body'].body.find((member: Node) => member['kind'] === 'constructor')
  return constructor?.['value'].params[0]?.typeAnnotation?.typeAnnotation ?? declared['superTypeArguments']?.params?.[0]
}

function membersOf(type: Node, declarations: Declarations): Node[] {
  switch (type['type']) {
    case 'TSTypeReference':
    case 'TSInterfaceHeritage': {
      const name: string = (type['typeName'] ?? type['expression']).name
      const declared = declarations.get(name)
      return declared === undefined ? [] : membersOf(declared, declarations)
    }
    case 'TSInterfaceDeclaration':
      return [...(type['extends'] ?? []).flatMap((base: Node) => membersOf(base, declarations)), ...type['body'].body]
    case 'TSTypeAliasDeclaration':
      return membersOf(type['typeAnnotation'], declarations)
    case 'TSIntersectionType':
      return type['types'].flatMap((part: Node) => membersOf(part, declarations))
    case 'TSTypeLiteral':
      return type['members']
    default:
      return []
  }
}

function addOption(options: Record<string, Kind>, prefix: string, member: Node, declarations: Declarations): void {
  const name = `${prefix}${member['key']?.name ?? ''}`
  if (member['type'] === 'TSMethodSignature') {
    options[name] = 'function'
    return
  }
  if (member['type'] !== 'TSPropertySignature') return
  const type: Node = member['typeAnnotation'].typeAnnotation
  const kind = kindOf(type, declarations)
  const nested = kind === 'object' ? membersOf(type, declarations) : []
  if (nested.length === 0) options[name] = kind
  for (const inner of nested) addOption(options, `${name}.`, inner, declarations)
}

function kindOf(type: Node, declarations: Declarations): Kind {
  switch (type['type']) {
    case 'TSBooleanKeyword':
      return 'boolean'
    case 'TSNumberKeyword':
      return 'number'
    case 'TSStringKeyword':
    case 'TSEnumDeclaration':
    case 'TSTemplateLiteralType':
      return 'text'
    case 'TSLiteralType':
      return typeof type['literal'].value === 'boolean' ? 'boolean' : 'text'
    case 'TSArrayType':
      return 'list'
    case 'TSFunctionType':
      return 'function'
    case 'TSTypeOperator':
      return kindOf(type['typeAnnotation'], declarations)
    case 'TSUnionType': {
      const kinds: Kind[] = type['types'].map((part: Node) => kindOf(part, declarations))
      // Only types that a variable can hold matter.
      return (
        (['list', 'boolean', 'number', 'text', 'object', 'function'] as const).find((kind) => kinds.includes(kind)) ??
        'object'
      )
    }
    case 'TSInterfaceDeclaration':
      return type['body'].body.some((member: Node) => member['type'] === 'TSCallSignatureDeclaration')
        ? 'function'
        : 'object'
    case 'TSTypeAliasDeclaration':
      return kindOf(type['typeAnnotation'], declarations)
    case 'TSTypeReference': {
      const name: string = type['typeName'].name
      if (/^(?:Readonly)?Array$|^(?:Readonly)?Set$/.test(name)) return 'list'
      const declared = declarations.get(name)
      return declared === undefined ? 'object' : kindOf(declared, declarations)
    }
    default:
      return 'object'
  }
}

export function optionsText(): string {
  const all = Object.fromEntries(catalogSources().map((source) => [source.name, optionsOf(source)]))
  return `// Generated by \`npm run build\` from the instrumentations' type declarations (scripts/instrumentation-options.ts). Do not edit.

export type OptionKind = 'boolean' | 'number' | 'text' | 'list' | 'function' | 'object' | 'gone'

/** By the instrumentation's short name: its options, nested ones with dots, and the types of their values. */
export const OPTIONS: Readonly<Record<string, Readonly<Record<string, OptionKind>>>> = ${JSON.stringify(all, null, 2)}
`
}
