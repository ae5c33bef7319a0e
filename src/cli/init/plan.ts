import { Problem } from '../../base/problem.ts'
import { dirname, join, resolve } from 'node:path'
import { load } from '../../base/chunks.ts'
import { reasonOf } from '../../base/diag.ts'
import { readTextFile } from '../../base/environment.ts'
import { editCompose } from './compose.ts'
import { type ComposeService, GRAFANA, JAEGER, PROMETHEUS } from './compose-services.ts'
import { editDockerfile } from './dockerfile.ts'
import type { Edit } from './edit.ts'
import { editEnvFile } from './env-file.ts'
import { kubernetesPatch } from './kubernetes.ts'
import { editManifest, readManifest } from './manifest.ts'
import { PROMETHEUS_CONFIGURATION } from './monitoring.ts'
import { folderName, type Project } from './project.ts'

export interface InitChoices {
  readonly prometheus: boolean
  /** Includes the Prometheus that it reads from. */
  readonly grafana: boolean
  readonly docker: boolean
  readonly kubernetes: boolean
}

/** One file of the plan. */
export interface PlannedEdit {
  readonly path: string
  readonly before: string | undefined
  readonly edit: Edit
}

/** In the order in which docker compose looks for them. */
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

const ROOT_NOTE =
  "this is the root of a workspace: unless the root itself is the app, run it in the folder of the app's package"

/**
 * Returns what `init` would do in this project: every file with its edit. Throws if there is no package to add it to.
 */
export function planFor(project: Project, choices: InitChoices): readonly PlannedEdit[] {
  const { folder } = project
  const manifestText = readable(project, join(folder, 'package.json'))
  if (manifestText === undefined) {
    throw new Error(`no package.json in ${folder}: run it in the folder of the app's package (npm init creates one)`)
  }
  const manifest = readManifest(manifestText)
  if (manifest instanceof Problem) throw new Error(`package.json ${manifest.reason}; nothing was changed`)
  const service = manifest.name ?? folderName(folder)
  const variables = environmentFor(service, choices)
  const { parse } = load<typeof import('../../settings/parse-dot-env.ts')>('parse-dot-env')
  const plan = new Plan(project)
  plan.add('package.json', (text) => {
    const edit = editManifest(text ?? '', project.exists, project.plugnplay)
    const isRoot = manifest.isWorkspaceRoot || project.exists('pnpm-workspace.yaml')
    return isRoot ? { ...edit, notes: [...(edit.notes ?? []), ROOT_NOTE] } : edit
  })
  plan.add(composeFile(project), (text) => editCompose(text, servicesFor(choices)))
  plan.add('.env.example', (text) => editEnvFile(text, variables, parse))
  if (project.exists('.env')) plan.add('.env', (text) => editEnvFile(text, variables, parse))
  if (wantsPrometheus(choices)) {
    plan.addOnce('observability/prometheus/prometheus.yml', () => PROMETHEUS_CONFIGURATION, composeFolder(project))
    plan.addOnce('observability/prometheus/rules.yml', () => shipped('prometheus/rules.yml'), composeFolder(project))
  }
  if (choices.grafana) {
    const provisioning = 'grafana/provisioning'
    for (const file of [`${provisioning}/datasources/obs.yaml`, `${provisioning}/dashboards/obs.yaml`]) {
      plan.addOnce(`observability/${file}`, () => shipped(`compose/${file}`), composeFolder(project))
    }
    const dashboard = 'observability/grafana/dashboards/obs.json'
    plan.addOnce(dashboard, () => shipped('grafana/obs.json'), composeFolder(project))
  }
  if (choices.docker) plan.add('Dockerfile', dockerfile)
  if (choices.kubernetes) plan.addOnce('kubernetes/obs-patch.yaml', () => kubernetesPatch(service))
  return plan.edits
}

class Plan {
  readonly edits: PlannedEdit[] = []
  readonly #project: Project

  constructor(project: Project) {
    this.#project = project
  }

  add(file: string, edit: (text: string | undefined) => Edit): void {
    const path = resolve(this.#project.folder, file)
    let before: string | undefined
    let result: Edit
    try {
      before = readable(this.#project, path)
      result = edit(before)
    } catch (thrown) {
      result = { refused: reasonOf(thrown) }
    }
    this.edits.push({ path, before, edit: result })
  }

  /** Adds a file that belongs to the user once it exists, and is then not changed. */
  addOnce(file: string, text: () => string, folder: string = this.#project.folder): void {
    this.add(join(folder, file), (before) =>
      before === undefined ? { text: text(), summary: 'new' } : { unchanged: 'is there' },
    )
  }
}

function dockerfile(text: string | undefined): Edit {
  return text === undefined ? { refused: 'does not exist: run it again once you have one' } : editDockerfile(text)
}

function wantsPrometheus({ prometheus, grafana }: InitChoices): boolean {
  return prometheus || grafana
}

function servicesFor(choices: InitChoices): readonly ComposeService[] {
  return [JAEGER, ...(wantsPrometheus(choices) ? [PROMETHEUS] : []), ...(choices.grafana ? [GRAFANA] : [])]
}

function environmentFor(service: string, choices: InitChoices): Readonly<Record<string, string>> {
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317',
    METRICS_ENABLED: 'true',
    // In a container, the side port can only be reached if it listens on more than localhost.
    ...(wantsPrometheus(choices) ? { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' } : {}),
  }
}

/**
 * Returns the existing compose file, in the package's folder or at the root of its workspace, or a new one next to
 * package.json.
 */
function composeFile({ folder, root }: Project): string {
  for (const place of new Set([folder, root])) {
    const found = COMPOSE_FILES.map((name) => join(place, name)).find((path) => existsAsText(path))
    if (found !== undefined) return found
  }
  return join(folder, COMPOSE_FILES[0] as string)
}

function composeFolder(project: Project): string {
  return dirname(composeFile(project))
}

/** A file that cannot be read exists too; the reason is reported later. */
function existsAsText(path: string): boolean {
  try {
    return readTextFile(path) !== undefined
  } catch {
    return true
  }
}

function readable(project: Project, path: string): string | undefined {
  const text = project.read(path)
  if (text?.includes('\uFFFD') === true) throw new Error('is not UTF-8 text')
  return text
}

/** Returns a file of `dist/deploy`. */
function shipped(name: string): string {
  const text = readTextFile(join(__dirname, 'deploy', name))
  if (text === undefined) throw new Error(`${name} is missing in this installation of @paxx/obs`)
  return text
}
