import { load } from '../base/chunks.ts'
import { processInput } from '../base/environment.ts'
import type { Handle } from '../base/handle.ts'
import { serviceLabel } from '../base/service-label.ts'
import { VERSION } from '../base/version.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { InspectedInstrumentation } from '../base/inspection.ts'
import type { HelloMessage, InstrumentationMessage } from '../page/messages.ts'
import type { Settings } from '../settings/settings.ts'
import type { PageSource } from '../sideport/page.ts'

/** What the page of the side port shows of this process. Everything is read when somebody opens the page. */
export function pageSource(settings: Settings, handle: Handle, feed: BatchFeed): PageSource {
  return {
    feed,
    hello: () => hello(settings),
    status: () => {
      const { instrumentations = [], exports = {} } = handle.inspect?.() ?? {}
      return {
        exports: Object.entries(exports).map(([signal, figures]) => ({ signal, ...figures })),
        instrumentations: instrumentations.map(shown),
      }
    },
  }
}

function hello(settings: Settings): HelloMessage {
  const input = processInput({
    parseDotEnv: () => load<typeof import('../settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('../settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  const { states } = load<typeof import('../settings/read.ts')>('settings').inspectSettings(input)
  return {
    service: serviceLabel(settings.resource),
    version: settings.resource.serviceVersion,
    nodeVersion: process.versions.node,
    packageVersion: VERSION,
    startedAtMs: performance.timeOrigin,
    settings: states.map(({ name, value, source, isSet, doc }) => ({ name, value, source, isSet, doc })),
    problems: settings.problems.map(({ message }) => message),
  }
}

function shown({ name, patched, passedBy }: InspectedInstrumentation): InstrumentationMessage {
  return { name, patched: labels(patched), unsupported: labels(passedBy) }
}

function labels(packages: InspectedInstrumentation['patched']): string[] {
  return packages.map((each) => (each.version === undefined ? each.name : `${each.name} ${each.version}`))
}
