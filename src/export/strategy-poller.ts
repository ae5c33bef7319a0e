import { info, reasonOf, warn } from '../base/diag.ts'
import type { RemoteSamplerSettings, SamplingStrategy } from '../settings/settings.ts'
import { GrpcClient } from './grpc-client.ts'
import { held } from './held.ts'
import { strategyOfJson, strategyOfProtobuf } from './strategy.ts'

/** `jaeger_remote`, in the export worker: asks again and again, and tells what is new. */

const METHOD = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy'
const TIMEOUT_MS = 5000

export interface Poll extends RemoteSamplerSettings {
  readonly serviceName: string
}

export function pollStrategy(poll: Poll, tell: (strategy: SamplingStrategy) => void): void {
  const ask = asker(poll)
  let known = ''
  let failing = false
  const once = async (): Promise<void> => {
    try {
      const strategy = await ask()
      if (failing) info(`${poll.endpoint} gives a sampling strategy again`)
      failing = false
      const text = JSON.stringify(strategy)
      if (text !== known) tell(strategy)
      known = text
    } catch (thrown) {
      if (!failing) warn(troubleOf(poll, reasonOf(thrown), known !== ''))
      failing = true
    }
  }
  void once()
  held(setInterval(() => void once(), poll.pollingIntervalMs))
}

function troubleOf({ endpoint, initialRate }: Poll, reason: string, hasOne: boolean): string {
  const meanwhile = hasOne
    ? 'the last one stays'
    : `sampling ${Number((initialRate * 100).toPrecision(6))} % of the traces until there is one`
  return `${endpoint} gives no sampling strategy (${reason}); ${meanwhile}`
}

/** With a path it is the HTTP address of Jaeger, without one its gRPC server, as the specification has it. */
function asker({ endpoint, proxy, serviceName }: Poll): () => Promise<SamplingStrategy> {
  const url = new URL(endpoint)
  if (url.pathname !== '/') {
    url.searchParams.set('service', serviceName)
    return () => askHttp(url)
  }
  const client = new GrpcClient({ endpoint, proxy })
  const message = stringField(serviceName)
  return async () => {
    const answer = await client.call({
      method: METHOD,
      message,
      metadata: {},
      compression: 'none',
      timeoutMs: TIMEOUT_MS,
    })
    if (answer.status !== 'OK') throw new Error(answer.reason)
    return strategyOfProtobuf(answer.message)
  }
}

async function askHttp(url: URL): Promise<SamplingStrategy> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return strategyOfJson(await response.text())
}

/** `SamplingStrategyParameters`: the service's name in field 1. */
function stringField(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length: number[] = []
  for (let left = bytes.length; ; left = Math.floor(left / 128)) {
    length.push(left < 128 ? left : (left % 128) + 128)
    if (left < 128) break
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), bytes])
}
