import { load } from '../base/chunks.ts'
import { processInput } from '../base/environment.ts'
import type { Handle } from '../base/handle.ts'
import { serviceLabel } from '../base/service-label.ts'
import { VERSION } from '../base/version.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { InspectedProcess } from '../base/inspection.ts'
import type { ServiceFeed } from '../fleet/feed.ts'
import type { HelloMessage } from '../page/messages.ts'
import type { Settings } from '../settings/settings.ts'
import type { PageSource } from '../sideport/page.ts'

/**
 * Collects what the page of the side port shows of this process and of the other processes of the service. Everything
 * is read only while the page is open.
 */
export function pageSource(settings: Settings, handle: Handle, feed: ServiceFeed): PageSource {
  return {
    feed,
    hosts: settings.page.hosts,
    hello: () => hello(settings),
    status: () => ({ processes: [inspectedProcess(handle, feed), ...feed.others] }),
  }
}

/** Returns what this process reports about itself on the page, whichever process serves it. */
export function inspectedProcess(handle: Handle, feed: Pick<BatchFeed, 'tooLarge'> | undefined): InspectedProcess {
  const { service = '', instrumentations = [], exports = {} } = handle.inspect?.() ?? {}
  return { pid: process.pid, service, instrumentations, exports, tooLarge: feed?.tooLarge ?? 0 }
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
    problems: settings.problems.map(({ variable, message }) => ({ variable, message })),
    logsExporters: settings.logs.exporters,
    traces: {
      exporters: settings.traces.exporters,
      sampler: settings.traces.sampler.name,
      ratio: settings.traces.sampler.ratio,
      perSecond: Number.isFinite(settings.traces.perSecond) ? settings.traces.perSecond : undefined,
    },
  }
}
