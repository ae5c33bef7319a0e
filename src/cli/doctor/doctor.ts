import { join } from 'node:path'
import { load } from '../../base/chunks.ts'
import { currentDirectory, readTextFile, snapshotEnvironment } from '../../base/environment.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { inputHere } from '../settings/input.ts'
import { type Terminal, wrapped } from '../terminal.ts'
import { readApp } from './app.ts'
import { bundleCheck, packagesInBundle } from './bundle.ts'
import { routePluginChecks } from './route-plugins.ts'
import type { Check } from './check.ts'
import { collectorChecks } from './collector.ts'
import { loadingChecks } from './loading.ts'
import { agentChecks, apiCopyChecks, coveredPackages, packageChecks } from './packages.ts'
import { settingsChecks } from './settings-check.ts'
import { sidePortCheck } from './side-port-check.ts'
import { trialChecks, tryOut } from './trial.ts'

/** The options of the command line. */
export interface DoctorOptions {
  readonly json?: true
  readonly seconds: number
}

interface CheckGroup {
  readonly title: string
  readonly checks: readonly Check[]
}

/** Implements `paxx-obs doctor`: reports what would be instrumented and exported here; with a command, what is. */
export async function doctor(
  command: readonly string[],
  options: DoctorOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const groups: CheckGroup[] = []
  const add = (title: string, checks: readonly Check[]): void => {
    groups.push({ title, checks })
    if (options.json !== true) showGroup({ title, checks }, terminal)
  }
  const folder = currentDirectory()
  const nodeOptions = snapshotEnvironment()['NODE_OPTIONS']
  const app = readApp(folder, command.length === 0 ? undefined : command)
  const { CATALOG, select } = load<typeof import('../../start/stages.ts')>('stages')
  const known = new Set(Object.values(CATALOG).flatMap(({ packages }) => Object.keys(packages)))
  // A trial shows what is patched, so the file's text need not be judged.
  const guess = command.length === 0 ? [await bundleCheck(app, known)] : []
  add('Loading', [...loadingChecks(app, nodeOptions), ...guess, ...routePluginChecks(app)])

  const report = load<typeof import('../../settings/read.ts')>('settings').inspectSettings(inputHere())
  const { settings } = report
  add('Settings', settingsChecks(report))
  if (settings.disabledBy === undefined) {
    const { on } = select(settings.instrumentations)
    add('Packages', [
      ...packageChecks(coveredPackages(folder, CATALOG, on), await packagesInBundle(app, known)),
      ...apiCopyChecks(folder, supportedApi()),
      ...agentChecks(folder, nodeOptions, Object.values(app.manifest?.scripts ?? {})),
    ])
    add('Where it goes', [...(await collectorChecks(settings)), await sidePortCheck(settings)])
  }
  if (command.length > 0) {
    if (options.json !== true) terminal.out(`\n${terminal.styled('bold', 'Trial run')} (its output goes to stderr)`)
    const trial = await tryOut(command, options.seconds)
    const checks = await trialChecks(trial, app, known)
    groups.push({ title: 'Trial run', checks })
    if (options.json !== true) for (const check of checks) showCheck(check, terminal)
  }
  const all = groups.flatMap(({ checks }) => checks)
  const problems = all.filter(({ status }) => status === 'problem').length
  if (options.json === true) terminal.out(JSON.stringify({ problems, groups }, undefined, 2))
  else terminal.out(`\n${summaryOf(all, problems)}`)
  return problems === 0 ? EXIT.ok : EXIT.problem
}

/** The version range of the public API's dependency: these copies can talk to the one inside the preload. */
function supportedApi(): string {
  const text = readTextFile(join(__dirname, '..', 'package.json')) ?? '{}'
  const { dependencies } = JSON.parse(text) as { dependencies?: Record<string, string> }
  return dependencies?.['@opentelemetry/api'] ?? '1.x'
}

function summaryOf(checks: readonly Check[], problems: number): string {
  const warnings = checks.filter(({ status }) => status === 'warning').length
  if (problems + warnings === 0) return 'No problems found.'
  const parts = [plural(problems, 'problem'), plural(warnings, 'warning')].filter((part) => part !== undefined)
  return `${parts.join(', ')}.`
}

function plural(count: number, noun: string): string | undefined {
  return count === 0 ? undefined : `${count} ${noun}${count === 1 ? '' : 's'}`
}

function showGroup({ title, checks }: CheckGroup, terminal: Terminal): void {
  terminal.out(`${title === 'Loading' ? '' : '\n'}${terminal.styled('bold', title)}`)
  for (const check of checks) showCheck(check, terminal)
}

const LABELS = {
  ok: ['ok', 'green'],
  info: ['-', 'dim'],
  warning: ['warning', 'yellow'],
  problem: ['PROBLEM', 'red'],
} as const

const LABEL_COLUMNS = 10

function showCheck({ status, text, advice }: Check, terminal: Terminal): void {
  const [label, style] = LABELS[status]
  const { columns } = terminal
  const indent = ' '.repeat(LABEL_COLUMNS)
  terminal.out(`  ${terminal.styled(style, label.padEnd(LABEL_COLUMNS - 2))}${wrapped(text, columns, LABEL_COLUMNS)}`)
  if (advice !== undefined) {
    terminal.out(`${indent}${terminal.styled('dim', `→ ${wrapped(advice, columns, LABEL_COLUMNS + 2)}`)}`)
  }
}
