import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parseAst } from 'rolldown/parseAst'

const ROOT = join(import.meta.dirname, '../..')
const isInstalled = existsSync(join(import.meta.dirname, 'node_modules/recheck'))

/** What reads text that senders, collectors, databases, scrapers or neighbours of the app choose. */
const READS_INPUT =
  'src/{base,settings,start,lifecycle,privacy,sampling,sdk,providers,instrumentation,aggregation,export,sideport,fleet,threads,page}/**/*.{ts,tsx}'

/** Expressions that the checker needs more than its time for, each linear because of … */
const KNOWN: Readonly<Record<string, string>> = {
  [String.raw`^SigCgt:\s*([0-9a-f]+)$`]: 'reads /proc of the kernel',
  [String.raw`^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$`]: 'anchored, with one repetition',
  [String.raw`^OTEL_EXPORTER_OTLP_(?:\w+_)?PROTOCOL$`]: 'anchored, with one repetition',
  [String.raw`^unix:(?:\/\/(?=\/))?(.+)$`]: 'anchored, with one repetition',
  [String.raw`\s*(\/(?:[^/\\]|\\.)+\/[a-z]*\s*(?=,|$)|[^,]*)(?:,|$)`]:
    'sticky; each repetition ends before the character that follows it',
  [String.raw`^Invalid regular expression: \/.*\/[a-z]*: `]: "reads the engine's own words about a setting",
  [String.raw`([\w!#$%&'*+.^` + '`' + String.raw`|~-]{1,40})=(?:"((?:[^"\\]|\\.){0,300})"|([^\s;,"]{0,300}))`]:
    'each repetition has an end',
  [String.raw`^Max address space\s+(\d+)`]: 'reads /proc of the kernel',
  [String.raw`^(?:AlwaysOnSampler|AlwaysOffSampler|TraceIdRatioBased\{[\d.e-]+\}|ParentBased|\{|\}|, |\w+=)+$`]:
    "reads the description of the app's own sampler",
  [String.raw`\.[^\s]*register`]: 'reads NODE_OPTIONS of the process',
  [String.raw`^((?:.*\/)?[^./][^.]*)\.(.+)$`]: 'reads the name of a handler from the environment',
  [String.raw`^Max open files\s+(\d+|unlimited)`]: 'reads /proc of the kernel',
  [String.raw`^VmSize:\s+(\d+) kB`]: 'reads /proc of the kernel',
  [String.raw`^.*\/(?:node_modules|share\/nodejs)\/((?:@[^/]+\/)?[^/]+)\/(.+)$`]: 'reads the path of the main script',
  [String.raw`\/(?:containers|overlay-containers)\/(?:[\w.-]+\/)?([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|resolv\.conf|hosts)\b`]:
    'reads /proc of the kernel',
  [String.raw`[0-9A-F]{8,16}:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):\S*?\.c:\d+:(?:SSL alert number \d+)?`]:
    'reads at most 2 KiB, in the export worker',
  [String.raw`^(?:http\.(?:request|response)\.header|rpc\.(?:grpc\.|connect_rpc\.)?(?:request|response)\.metadata)\.(.+)$`]:
    'anchored, without a choice after a repetition',
  [String.raw`(\((?:\?(?:,\s{0,9})?)+\))(?:,\s{0,9}\((?:\?(?:,\s{0,9})?)+\))+`]:
    'each repetition begins with a character that none before it ends with',
  [String.raw`^((?:\/(?![/.]|%2[eE])[\w~!$&'()*+,;=:@%.-]*)+)(\?[\w~!$&()*+,;=:@%./?|^{}[\]-]*)?$`]:
    'each segment begins with the one character that none holds',
  [String.raw`^(?:[\s(]|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|--[^\n]*\n)*([a-z]{1,10})(?![a-z])`]:
    'each alternative begins with a character of its own',
  [String.raw`(?:^|[-:])([0-9a-f]{64}|[0-9a-f]{32}-\d+)(?:\.scope)?$`]: 'reads /proc of the kernel',
  [String.raw`^(?![ \t]+at ).+(?:\n(?![ \t]+at ).+)*`]: 'one line after the other',
  [`[/\\\\]{2,}|:[/\\\\]?(?![/\\\\])|\\burl(?: from)?:? ["'\`]?`]:
    'has one repetition, of what nothing else begins with',
  [`(?:[a-z][a-z0-9+.-]{0,30}:\\/\\/|(?<=\\bendpoint=))[^\\s"'\`<>]+`]: 'reads at most 32 characters a second time',
  [String.raw`(\bIN\s{0,9}\()\s{0,9}\?(?:\s{0,9},\s{0,9}\?)+\s{0,9}\)`]: 'each repetition begins with a comma',
}

/** What has no repetition without an end cannot take longer for a longer text. */
const UNBOUNDED = /[*+]|,\}/

/** Of recheck, which is installed for this test alone. */
type CheckSync = (
  pattern: string,
  flags: string,
  options: { readonly timeout: number },
) => { readonly status: 'safe' | 'vulnerable' | 'unknown'; readonly complexity?: { readonly summary: string } }

interface Found {
  readonly file: string
  readonly pattern: string
  readonly flags: string
}

function literals(): Found[] {
  return globSync(READS_INPUT, { cwd: ROOT })
    .filter((file) => !file.endsWith('.generated.ts'))
    .flatMap((file) => {
      const found: Found[] = []
      const visit = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return
        const { regex } = node as { regex?: { pattern: string; flags: string } }
        if (regex !== undefined) found.push({ file, ...regex })
        else for (const child of Object.values(node)) visit(child)
      }
      visit(parseAst(readFileSync(join(ROOT, file), 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' }, file))
      return found
    })
}

/** Those that the checker found to be linear. It takes minutes for all of them, which the run of the whole matrix spends. */
const CHECKED = new Set(
  JSON.parse(readFileSync(join(import.meta.dirname, 'linear-expressions.json'), 'utf8')) as string[],
)
const checksAll = process.env['OBS_TEST_MATRIX'] === 'all'

test(
  'no regular expression that reads input takes more than linear time',
  { skip: !isInstalled && 'npm ci --prefix test/hostile' },
  (t: TestContext) => {
    process.env['RECHECK_BACKEND'] = 'pure'
    const { checkSync } = createRequire(import.meta.url)('recheck') as { readonly checkSync: CheckSync }
    const found = literals()
    assert.ok(found.length > 100, `${found.length} found`)
    const faults = found
      .filter(({ pattern }) => UNBOUNDED.test(pattern) && !Object.hasOwn(KNOWN, pattern))
      .flatMap(({ file, pattern, flags }) => {
        const literal = `/${pattern}/${flags}`
        if (CHECKED.has(literal) && !checksAll) return []
        const { status, complexity } = checkSync(pattern, flags, { timeout: 120_000 })
        if (status !== 'safe') return [`${file}: ${literal} ${complexity?.summary ?? 'not decided in time'}`]
        if (!CHECKED.has(literal)) t.diagnostic(`to be added to linear-expressions.json: ${JSON.stringify(literal)}`)
        return []
      })
    assert.deepEqual(faults, [])
    const patterns = new Set(found.map(({ pattern }) => pattern))
    assert.deepEqual(
      Object.keys(KNOWN).filter((pattern) => !patterns.has(pattern)),
      [],
      'known ones that are gone',
    )
  },
)
