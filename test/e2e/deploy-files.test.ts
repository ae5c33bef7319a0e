import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { Instrumentation } from '@kubernetes-models/opentelemetry-operator/opentelemetry.io/v1alpha1'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { DCLinter } from 'dclint'
import { validate } from 'dockerfile-utils'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { Service } from 'kubernetes-models/v1/Service'
import { parse, parseAllDocuments } from 'yaml'
import { kubernetesPatch } from '../../src/cli/init/kubernetes.ts'
import { editCompose } from '../../src/cli/init/compose.ts'
import { GRAFANA, JAEGER, PROMETHEUS } from '../../src/cli/init/compose-services.ts'
import { editDockerfile } from '../../src/cli/init/dockerfile.ts'
import { ROOT, REGISTER } from '../support/paths.ts'
import { findBinary } from '../support/services/find-binary.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** deploy/, and what \`paxx-obs init\` writes, against the schemas of those who will read it. */

const DEPLOY = join(ROOT, 'deploy')
const read = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8')

const KINDS = { Deployment, Service, Instrumentation, PodMonitor }

function checkKubernetes(text: string): void {
  for (const document of parseAllDocuments(text)) {
    const resource = document.toJS() as { readonly kind: keyof typeof KINDS }
    const Model = KINDS[resource.kind]
    assert.ok(Model, resource.kind)
    new Model(resource as never).validate()
  }
}

for (const file of globSync('{kubernetes,operator}/*.yaml', { cwd: DEPLOY })) {
  test(`${file} is valid for Kubernetes`, () => checkKubernetes(read(file)))
}

test("init's Kubernetes patch fits into a Deployment", () => {
  const patch = parse(kubernetesPatch('@acme/shop')) as { spec: { template: { spec: { containers: object[] } } } }
  const complete = parse(read('kubernetes/deployment.yaml').split('---')[0] ?? '') as typeof patch
  complete.spec.template.spec.containers = patch.spec.template.spec.containers
  checkKubernetes(JSON.stringify(complete))
})

interface Linted {
  readonly messages: readonly { readonly rule: string; readonly message: string }[]
}

/** The schema alone: its rules of style are others' taste. */
function composeFaults(path: string): string[] {
  const found = new DCLinter({ rules: {}, quiet: true }).lintFiles([path], false) as readonly Linted[]
  return found.flatMap(({ messages }) =>
    messages.filter(({ rule }) => rule === 'invalid-schema').map(({ message }) => message),
  )
}

test('the compose files match the schema', (t) => {
  const file = join(temporaryFolder(t, 'compose'), 'compose.yaml')
  const edit = editCompose('services:\n  app:\n    build: .\n', [JAEGER, PROMETHEUS, GRAFANA])
  assert.ok('text' in edit)
  writeFileSync(file, edit.text)
  assert.deepEqual(composeFaults(file), [])
  assert.deepEqual(composeFaults(join(DEPLOY, 'compose/compose.yaml')), [])
  writeFileSync(file, 'services:\n  app:\n    imag: x\n')
  assert.equal(composeFaults(file).length, 1)
})

test('the compose file mounts existing files', () => {
  const { services } = parse(read('compose/compose.yaml')) as { services: Record<string, { volumes?: string[] }> }
  const sources = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.map((volume) => volume.split(':')[0] ?? ''),
  )
  assert.ok(sources.length > 3)
  for (const source of sources) assert.ok(globSync(join(DEPLOY, 'compose', source)).length > 0, source)
})

for (const [name, text] of [
  ['deploy/docker', read('docker/Dockerfile')],
  ['deploy/operator', read('operator/Dockerfile')],
  ['init', (editDockerfile('FROM node:24\nCMD ["node", "."]\n') as { text: string }).text],
] as const) {
  test(`the Dockerfile of ${name} is valid`, () => {
    assert.deepEqual(
      validate(text).map(({ message }) => message),
      [],
    )
  })
}

test("the collector's pipelines use only components that the file defines", () => {
  type Section = Record<string, unknown>
  const config = parse(read('collector/config.yaml')) as Record<
    'receivers' | 'processors' | 'exporters' | 'extensions',
    Section
  > & {
    service: { extensions: string[]; pipelines: Record<string, Record<string, string[]>> }
  }
  const used = new Set<string>(config.service.extensions.map((name) => `extensions/${name}`))
  for (const pipeline of Object.values(config.service.pipelines)) {
    for (const [kind, names] of Object.entries(pipeline)) for (const name of names) used.add(`${kind}/${name}`)
  }
  const kinds = ['receivers', 'processors', 'exporters', 'extensions'] as const
  const defined = kinds.flatMap((kind) => Object.keys(config[kind]).map((name) => `${kind}/${name}`))
  assert.deepEqual([...used].toSorted(), defined.toSorted())
})

test('the Prometheus of the compose file accepts its configuration', (t) => {
  const promtool = findBinary('promtool')
  if (promtool === undefined) return t.skip('promtool is not installed')
  const folder = temporaryFolder(t, 'promtool')
  writeFileSync(join(folder, 'rules.yml'), read('prometheus/rules.yml'))
  writeFileSync(join(folder, 'prometheus.yml'), read('compose/prometheus.yml'))
  const { status, stdout, stderr } = spawnSync(promtool, ['check', 'config', join(folder, 'prometheus.yml')], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout + stderr)
})

test('the systemd unit is valid', (t) => {
  const analyze = findBinary('systemd-analyze')
  if (analyze === undefined) return t.skip('systemd-analyze is not installed')
  const { stdout, stderr } = spawnSync(analyze, ['verify', '--man=no', join(DEPLOY, 'systemd/shop.service')], {
    encoding: 'utf8',
  })
  const complaints = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.includes('shop.service') && !line.includes('not executable'))
  assert.deepEqual(complaints, [])
})

test("PM2's ecosystem file is a module with the preload in each app", () => {
  const { apps } = createRequire(import.meta.url)(join(DEPLOY, 'pm2/ecosystem.config.cjs')) as {
    apps: { node_args: string[] }[]
  }
  for (const app of apps) assert.deepEqual(app.node_args, ['--import', REGISTER])
})

test('links in the documents have existing targets', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })]
  for (const document of documents) {
    const folder = dirname(join(ROOT, document))
    for (const [, target = ''] of readFileSync(join(ROOT, document), 'utf8').matchAll(
      /\]\((?!https?:|#|mailto:)([^)#]+)/g,
    )) {
      assert.ok(globSync(join(folder, target)).length > 0, `${document}: ${relative(ROOT, join(folder, target))}`)
    }
  }
})
