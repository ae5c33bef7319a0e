import { relative } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { reasonOf } from '../../base/diag.ts'
import { currentDirectory } from '../../base/environment.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Terminal, wrapped } from '../terminal.ts'
import { type PlannedEdit, planFor } from './plan.ts'
import { openProject, type Project } from './project.ts'
import { type FileChange, obstacleTo, writeWhole } from './write.ts'

const LONGEST_NEW_FILE_LINES = 50

/** The options of the command line. */
export interface InitOptions {
  readonly yes?: true
  readonly dryRun?: true
  readonly json?: true
  readonly prometheus?: true
  readonly grafana?: true
  readonly docker?: true
  readonly kubernetes?: true
}

interface Change extends FileChange {
  /** Relative to the working directory. */
  readonly file: string
  readonly summary: string
  readonly diff: string
}

interface InitResult {
  readonly changes: readonly Change[]
  readonly unchanged: readonly { readonly file: string; readonly reason: string }[]
  readonly refused: readonly { readonly file: string; readonly reason: string }[]
  readonly notes: readonly string[]
  /** The commands to run afterwards, each with a remark. */
  readonly next: readonly (readonly [command: string, remark: string])[]
}

/** Implements `paxx-obs init`: plan, show, ask, write. */
export async function init(options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const folder = currentDirectory()
  const project = openProject(folder)
  const choices = {
    prometheus: options.prometheus === true,
    grafana: options.grafana === true,
    docker: options.docker === true,
    kubernetes: options.kubernetes === true,
  }
  const outcome = resultOf(planFor(project, choices), project)
  const { changes, refused } = outcome
  for (const { file, reason } of refused) terminal.err(`paxx-obs: ${file} ${reason}; it is not changed`)
  if (options.json !== true) show(outcome, terminal)
  const answer = changes.length === 0 || options.dryRun === true ? 'nothing to write' : await agreed(options, terminal)
  if (answer === 'yes') write(changes)
  if (options.json === true) terminal.out(JSON.stringify(asJson(outcome, answer === 'yes'), undefined, 2))
  else if (answer === 'yes') showNext(outcome, terminal)
  if (answer === 'no') return EXIT.notConfirmed
  return refused.length === 0 ? EXIT.ok : EXIT.problem
}

function resultOf(plan: readonly PlannedEdit[], project: Project): InitResult {
  const { folder } = project
  const changes: Change[] = []
  const unchanged: { file: string; reason: string }[] = []
  const refused: { file: string; reason: string }[] = []
  for (const { path, before, edit } of plan) {
    const file = relative(folder, path)
    if ('unchanged' in edit) unchanged.push({ file, reason: edit.unchanged })
    else if ('refused' in edit) refused.push({ file, reason: edit.refused })
    else {
      const obstacle = obstacleTo({ path })
      const diff = diffOf(file, before, edit)
      if (obstacle === undefined) changes.push({ path, before, after: edit.text, file, summary: edit.summary, diff })
      else refused.push({ file, reason: obstacle })
    }
  }
  return {
    changes,
    unchanged,
    refused,
    notes: plan.flatMap(({ edit }) => edit.notes ?? []),
    next: nextSteps(project, plan),
  }
}

function nextSteps({ installCommand, runner, exists }: Project, plan: readonly PlannedEdit[]): InitResult['next'] {
  const services = plan.flatMap(({ edit }) => edit.services ?? [])
  const page = plan.map(({ edit }) => edit.page).find((url) => url !== undefined)
  const remark = page === undefined ? '' : `open ${page}`
  return [
    [installCommand, ''],
    ...(exists('.env') ? [] : [['cp .env.example .env', 'the preload reads .env'] as const]),
    ...(services.length === 0 ? [] : [[`docker compose up -d ${services.join(' ')}`, remark] as const]),
    [`${runner} paxx-obs doctor`, 'check the setup'],
  ]
}

function diffOf(file: string, before: string | undefined, edit: { text: string; appended?: string }): string {
  if (edit.appended !== undefined && before !== undefined) {
    const lines = edit.appended.trimEnd().split(/\r?\n/)
    return [`--- ${file}`, `+++ ${file}`, '@@ at the end @@', ...lines.map((line) => `+${line}`), ''].join('\n')
  }
  const patch = createTwoFilesPatch(before === undefined ? '/dev/null' : file, file, before ?? '', edit.text)
  return patch.replace(/^(?:Index: .*\n)?=*\n/, '')
}

async function agreed(options: InitOptions, terminal: Terminal): Promise<'yes' | 'no'> {
  if (options.yes === true) return 'yes'
  if (!terminal.interactive) {
    terminal.err('paxx-obs: nothing was changed, since there is no terminal to confirm; --yes applies the changes')
    return 'no'
  }
  if (await terminal.confirm('Apply these changes?')) return 'yes'
  terminal.err('paxx-obs: nothing was changed')
  return 'no'
}

/** Stops at the first failure and reports what was written until then. */
function write(changes: readonly Change[]): void {
  const written: string[] = []
  for (const change of changes) {
    try {
      writeWhole(change)
    } catch (thrown) {
      const before = written.length === 0 ? 'nothing was changed' : `written before it: ${written.join(', ')}`
      throw new Error(`${change.file} could not be written (${reasonOf(thrown)}); ${before}`, { cause: thrown })
    }
    written.push(change.file)
  }
}

function show({ changes, unchanged, refused, notes }: InitResult, terminal: Terminal): void {
  for (const { file, before, after, diff } of changes) {
    const lineCount = after.split('\n').length
    // A long new file, such as a dashboard or rules, is not shown in full.
    const isLong = before === undefined && lineCount > LONGEST_NEW_FILE_LINES
    const shown = isLong ? `--- /dev/null\n+++ ${file}\n(a new file of ${lineCount} lines)\n` : diff
    for (const line of shown.split('\n')) {
      // Removes the separator and the note about a missing newline at the end.
      if (!/^(?:=+$|\\ No newline)/.test(line))
        terminal.out(coloured(line.replace(/\r$/, '').replace(/\t$/, ''), terminal))
    }
  }
  for (const { file, reason } of unchanged) terminal.out(`${file} ${reason}`)
  if (changes.length === 0 && refused.length === 0) terminal.out('Nothing to change.')
  for (const note of notes) terminal.out(`${terminal.styled('bold', 'Note:')} ${wrapped(note, terminal.columns, 6)}`)
}

function coloured(line: string, terminal: Terminal): string {
  if (/^(?:---|\+\+\+) /.test(line)) return terminal.styled('bold', line)
  if (line.startsWith('@@')) return terminal.styled('cyan', line)
  if (line.startsWith('+')) return terminal.styled('green', line)
  return line.startsWith('-') ? terminal.styled('red', line) : line
}

function showNext({ changes, next }: InitResult, terminal: Terminal): void {
  for (const { file, summary } of changes) {
    terminal.out(wrapped(`${terminal.styled('green', 'written')} ${file}: ${summary}`, terminal.columns, 2))
  }
  const width = Math.max(...next.map(([command]) => command.length))
  const lines = next.map(([command, remark]) =>
    remark === '' ? `  ${command}` : `  ${command.padEnd(width)}  # ${remark}`,
  )
  terminal.out(`\nNext:\n${lines.join('\n')}`)
}

function asJson({ changes, unchanged, refused, notes, next }: InitResult, applied: boolean): object {
  return {
    applied,
    changes: changes.map(({ file, before, summary, diff }) => ({
      file,
      action: before === undefined ? 'create' : 'edit',
      summary,
      diff,
    })),
    unchanged,
    refused,
    notes,
    next: next.map(([command]) => command),
  }
}
