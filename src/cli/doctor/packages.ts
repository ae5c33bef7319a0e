import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { satisfies } from 'semver'
import { readTextFile } from '../../base/environment.ts'
import type { CatalogEntry } from '../../hooks/catalog.generated.ts'
import { foldersUp } from './app.ts'
import { type Check, fact, ok, problem, warning } from './check.ts'
import { copiesInPlugnplay, versionOf } from './installed.ts'

type Catalog = Readonly<Record<string, CatalogEntry>>

/** A package that the app resolves and that an instrumentation covers. */
export interface Covered {
  readonly name: string
  readonly version: string
  readonly instrumentations: readonly {
    readonly name: string
    readonly on: boolean
    readonly versions: readonly string[]
  }[]
}

/** `on` are the instrumentations that are enabled by the settings. */
export function coveredPackages(folder: string, catalog: Catalog, on: ReadonlySet<string>): readonly Covered[] {
  const byPackage = new Map<string, Covered['instrumentations'][number][]>()
  for (const [name, { packages }] of Object.entries(catalog)) {
    for (const [packageName, { versions }] of Object.entries(packages)) {
      byPackage.set(packageName, [...(byPackage.get(packageName) ?? []), { name, on: on.has(name), versions }])
    }
  }
  const found: Covered[] = []
  for (const [name, instrumentations] of [...byPackage].toSorted(([left], [right]) => left.localeCompare(right))) {
    const version = versionOf(folder, name)
    if (version !== undefined) found.push({ name, version, instrumentations })
  }
  return found
}

/** Returns whether the instrumentation patches this version. Without ranges, it patches every version. */
export function supports(versions: readonly string[], version: string): boolean {
  return versions.length === 0 || versions.some((range) => satisfies(version, range))
}

/** Later versions of these packages consist of another one, which is patched instead. */
const PARTS: Readonly<Record<string, string>> = { redis: '@redis/client' }

/** Packages that are instrumented as part of the package that is built on them. */
const WHOLES: Readonly<Record<string, string>> = { router: 'express', finalhandler: 'express', parseurl: 'express' }

/** `bundled` are the packages that were found inside the app's bundle, which another check is about. */
export function packageChecks(covered: readonly Covered[], bundled: ReadonlySet<string> = new Set()): readonly Check[] {
  if (covered.length === 0) {
    return [fact('packages', 'no installed package has an instrumentation; node:http and fetch are instrumented')]
  }
  return covered.map(({ name, version, instrumentations }) => {
    const id = `package:${name}`
    if (bundled.has(name)) return fact(id, `${name} ${version} is inside the bundle, and not instrumented as a package`)
    const whole = covered.find((other) => other.name === WHOLES[name])
    if (whole !== undefined)
      return ok(id, `${name} ${version} is instrumented as part of ${whole.name} ${whole.version}`)
    const fitting = instrumentations.filter(({ versions }) => supports(versions, version))
    if (fitting.length === 0) {
      const inner = covered.find((other) => other.name === PARTS[name])
      if (inner !== undefined)
        return ok(id, `${name} ${version} is instrumented through ${inner.name} ${inner.version}`)
      const ranges = [...new Set(instrumentations.flatMap(({ versions }) => versions))].join(' or ')
      return warning(id, `${name} ${version} is not instrumented`, `supported: ${ranges}`)
    }
    const active = fitting.filter(({ on }) => on)
    if (active.length > 0) return ok(id, `${name} ${version} is instrumented (${namesOf(active)})`)
    return fact(
      id,
      `${name} ${version}: "${namesOf(fitting)}" is off`,
      'disabled by OTEL_NODE_ENABLED_INSTRUMENTATIONS or OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    )
  })
}

function namesOf(instrumentations: Covered['instrumentations']): string {
  return instrumentations.map(({ name }) => name).join(', ')
}

/** Other agents and SDKs, which patch the same functions or register the same providers. */
const AGENTS: readonly string[] = [
  'dd-trace',
  'newrelic',
  'elastic-apm-node',
  '@elastic/opentelemetry-node',
  '@splunk/otel',
  '@sentry/node',
  '@opentelemetry/auto-instrumentations-node',
  '@opentelemetry/sdk-node',
  'appdynamics',
  '@dynatrace/oneagent',
  '@instana/collector',
  'applicationinsights',
  '@azure/monitor-opentelemetry',
  '@google-cloud/trace-agent',
  '@honeycombio/opentelemetry-node',
  '@dash0/opentelemetry',
  'solarwinds-apm',
  'aws-xray-sdk',
  'elastic-apm-node-next',
]

export function agentChecks(
  folder: string,
  nodeOptions: string | undefined,
  scripts: readonly string[],
): readonly Check[] {
  const flags = [nodeOptions ?? '', ...scripts].filter((text) =>
    /--(?:import|require|experimental-loader|loader)|-r\s/.test(text),
  )
  const checks: Check[] = []
  for (const name of AGENTS) {
    // Matched as a whole path segment, so `newrelic` does not match `my-newrelic-helper`.
    const loads = flags.some((text) =>
      new RegExp(`(?:^|[\\s"'=/])${name.replaceAll('/', '[/\\\\]')}(?:$|[\\s"'/])`).test(text),
    )
    if (loads) {
      checks.push(
        problem('agents', `${name} is loaded by a flag as well`, 'two agents patch the same functions: keep one'),
      )
      continue
    }
    const version = versionOf(folder, name)
    if (version !== undefined) {
      checks.push(
        warning('agents', `${name} ${version} is installed`, 'if the app starts it, both patch the same functions'),
      )
    }
  }
  return checks.length > 0 ? checks : [ok('agents', 'no other agent is installed or loaded by a flag')]
}

/**
 * Checks the copies of the OpenTelemetry API. Each can talk to the preload unless it is newer than the preload's own.
 */
export function apiCopyChecks(folder: string, supported: string): readonly Check[] {
  const copies = findCopies(folder)
  if (copies.length === 0) return [fact('api', 'no @opentelemetry/api is installed: the app has no spans of its own')]
  const incompatible = copies.filter(({ version }) => !satisfies(version, supported, { includePrerelease: true }))
  if (incompatible.length > 0) {
    return incompatible.map(({ version, path }) =>
      problem(
        'api',
        `@opentelemetry/api ${version} in ${path} is not compatible with the preload`,
        `the version must be ${supported}`,
      ),
    )
  }
  const versions = copies.map(({ version }) => version)
  const text =
    copies.length === 1
      ? `@opentelemetry/api ${versions[0]}`
      : `${copies.length} copies of @opentelemetry/api (${versions.join(', ')})`
  return [ok('api', `${text}: the app's spans are part of the same traces`)]
}

const MOST_FOLDERS = 20_000

function findCopies(folder: string): { readonly version: string; readonly path: string }[] {
  const copies = new Map<string, string>()
  let left = MOST_FOLDERS
  const visit = (modules: string): void => {
    for (const name of entriesOf(modules)) {
      if (left-- <= 0) return
      const path = join(modules, name)
      if (name.startsWith('@')) {
        visit(path)
        continue
      }
      if (name === '.pnpm') {
        for (const stored of entriesOf(path))
          if (stored.startsWith('@opentelemetry+api@')) visit(join(path, stored, 'node_modules'))
        continue
      }
      if (path.endsWith(join('@opentelemetry', 'api'))) {
        const version = versionIn(path)
        if (version !== undefined) copies.set(realpathSync(path), version)
      }
      if (existsSync(join(path, 'node_modules'))) visit(join(path, 'node_modules'))
    }
  }
  const stored = copiesInPlugnplay(folder, '@opentelemetry/api')
  for (const path of stored ?? []) {
    const version = versionIn(path)
    if (version !== undefined) copies.set(path, version)
  }
  for (const at of stored === undefined ? foldersUp(folder) : [])
    if (existsSync(join(at, 'node_modules'))) visit(join(at, 'node_modules'))
  return [...copies].map(([path, version]) => ({ path, version }))
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.') || name === '.pnpm')
  } catch {
    return []
  }
}

function versionIn(folder: string): string | undefined {
  try {
    return (JSON.parse(readTextFile(join(folder, 'package.json')) ?? '{}') as { version?: string }).version
  } catch {
    return undefined
  }
}
