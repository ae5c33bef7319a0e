import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { spansOf } from './otlp-decode.ts'
import { accept, acceptAfter, reject } from './otlp-reply.ts'
import type { Reply } from './otlp-reply.ts'
import { OtlpReceiver } from './otlp-receiver.ts'
import type { ReceivedRequest } from './otlp-receiver.ts'
import { APPS } from './paths.ts'
import { closedUrl, startRawPeer } from './raw-peer.ts'
import { runNode } from './run-node.ts'
import type { NodeOptions } from './run-node.ts'
import type { RunResult } from './running-process.ts'

/** The ways a process can end (test/apps/use-end.mjs), and the kinds of collectors, for the tests and bench/. */
export interface End {
  readonly name: string
  /** The number of spans. */
  readonly spans: number
  readonly bySignal: boolean
  /** Whether it ends before the main script is reached. */
  readonly duringStart: boolean
  /** Whether it stands for others of its kind, on which a collector has the same effect. */
  readonly typical: boolean
}

export const ENDS: readonly End[] = [
  end('natural', { typical: true }),
  end('exitCode'),
  end('exitCode in an exit listener'),
  end('exit in a timer'),
  end('exit at once', { typical: true }),
  end('exit during start', { duringStart: true }),
  end('exit in a request handler'),
  end('exit in an exit listener', { spans: 4 }),
  end('a span in an exit listener', { spans: 4 }),
  end('a span in a beforeExit listener', { spans: 4 }),
  end('reallyExit'),
  end('uncaught exception', { typical: true }),
  end('uncaught exception in a timer'),
  end('uncaught exception in an exit listener'),
  end('uncaught exception with a monitor'),
  end('exception in the handler of exceptions'),
  end('exception deep inside the handler of exceptions', { spans: 4 }),
  end('a value thrown by the handler of exceptions'),
  end('exception that the app handles', { spans: 4 }),
  end('unhandled rejection'),
  end('rejected top-level await'),
  end('unsettled top-level await', { typical: true }),
  end('stack overflow'),
  end('SIGTERM', { bySignal: true, typical: true }),
  end('SIGINT', { bySignal: true }),
  end('SIGHUP', { bySignal: true }),
  end('SIGQUIT', { bySignal: true }),
  end('SIGUSR2', { bySignal: true }),
  end('SIGTERM to itself, at once', { bySignal: true }),
  end('SIGTERM to itself in an exit listener', { spans: 4, bySignal: true }),
  end('SIGTERM that the app handles', { spans: 4 }),
  end('SIGTERM that the app handles once', { spans: 4, bySignal: true, typical: true }),
  end('SIGINT that the app ignores until it is done'),
  end('a worker that is terminated'),
  end('a worker that throws'),
  end('a cluster that disconnects'),
  end('a child of its own'),
]

function end(name: string, unusual: Partial<End> = {}): End {
  return { name, spans: 3, bySignal: false, duringStart: false, typical: false, ...unusual }
}

export interface CollectorKind {
  readonly label: string
  /** Whether all spans arrive; `in time` means within the deadline of a signal. */
  readonly delivers: 'always' | 'in time' | 'never'
  readonly reply?: (request: ReceivedRequest) => Reply
  readonly url?: (t: Pick<TestContext, 'after'>) => Promise<string>
}

const COLLECTORS: readonly CollectorKind[] = [
  { label: 'good', delivers: 'always', reply: () => accept },
  { label: 'UNAVAILABLE at first', delivers: 'always', reply: firstOfEach(reject('UNAVAILABLE')) },
  { label: 'slow by a second', delivers: 'in time', reply: () => acceptAfter(1000) },
  { label: 'closed', delivers: 'never', url: closedUrl },
  { label: 'silent', delivers: 'never', url: async (t) => (await startRawPeer(t, 'silent')).url },
  { label: 'resetting', delivers: 'never', url: async (t) => (await startRawPeer(t, 'reset')).url },
  { label: 'garbage', delivers: 'never', url: async (t) => (await startRawPeer(t, 'garbage')).url },
]

/** A running collector of one kind, for many processes, which are identified by their service name. */
export interface RunningCollector extends CollectorKind {
  readonly endpoint: string
  /** Returns how many of the app's own spans arrived from this service. */
  received(service: string): number
}

export async function startCollectors(t: Pick<TestContext, 'after'>): Promise<readonly RunningCollector[]> {
  return await Promise.all(
    COLLECTORS.map(async (kind) => {
      if (kind.url !== undefined) return { ...kind, endpoint: await kind.url(t), received: () => 0 }
      const receiver = await OtlpReceiver.start(t, kind.reply === undefined ? {} : { reply: kind.reply })
      return { ...kind, endpoint: receiver.grpcUrl, received: (service: string) => ownSpans(receiver, service) }
    }),
  )
}

function ownSpans({ spans }: OtlpReceiver, service: string): number {
  return spans.filter(({ scope, resource }) => scope === 'ends' && resource['service.name'] === service).length
}

export async function runEnd(
  t: Pick<TestContext, 'after'>,
  { name, duringStart }: End,
  options: Omit<NodeOptions, 'app' | 'args' | 'nodeArgsAfter'>,
): Promise<RunResult> {
  const nodeArgsAfter = duringStart ? ['--import', pathToFileURL(join(APPS, 'use-end.mjs')).href] : []
  return await runNode(t, { ...options, app: 'use-end.mjs', args: [name], nodeArgsAfter })
}

/** Sends `reply` to the first call of each process. */
function firstOfEach(reply: Reply): (request: ReceivedRequest) => Reply {
  const seen = new Set<string>()
  return ({ body }) => {
    const service = String(spansOf(body)[0]?.resource['service.name'])
    if (seen.has(service)) return accept
    seen.add(service)
    return reply
  }
}
