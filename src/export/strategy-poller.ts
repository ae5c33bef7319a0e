import { basicAuthorization, decoded } from '../base/url-parts.ts'
import { info, reasonOf, warn } from '../base/diag.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { RemoteSamplerSettings, SamplingStrategy } from '../settings/settings.ts'
import { redactorOfSent } from './redact-sent.ts'
import { GrpcClient } from './grpc-client.ts'
import { withRefPolicy } from './handle-refs.ts'
import { askHttp } from './sampling-http.ts'
import { strategyOfJson, strategyOfProtobuf } from './strategy.ts'

/** Polls the sampling server of `jaeger_remote` in the export worker, and passes on each new strategy. */

const METHOD = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy'
const TIMEOUT_MS = 5000

export interface Poll extends RemoteSamplerSettings {
  readonly serviceName: string
}

export function pollStrategy(poll: Poll, onStrategy: (strategy: SamplingStrategy) => void): void {
  const ask = asker(poll)
  const clean = redactorOfSent({ ...poll, headers: {} })
  let known = ''
  let failing = false
  const once = async (): Promise<void> => {
    try {
      const strategy = await ask()
      if (failing) info(`polling ${shownUrl(poll.endpoint)} for a sampling strategy recovered`)
      failing = false
      const text = JSON.stringify(strategy)
      if (text !== known) onStrategy(strategy)
      known = text
    } catch (thrown) {
      if (!failing) warn(troubleOf(poll, clean(reasonOf(thrown)), known !== ''))
      failing = true
    }
  }
  void once()
  withRefPolicy(setInterval(() => void once(), poll.pollingIntervalMs))
}

function troubleOf({ endpoint, initialRate }: Poll, reason: string, hasOne: boolean): string {
  const meanwhile = hasOne
    ? 'keeping the last one'
    : `sampling ${Number((initialRate * 100).toPrecision(6))} % of the traces until there is one`
  return `could not get a sampling strategy from ${shownUrl(endpoint)} (${reason}); ${meanwhile}`
}

/**
 * Returns a function that asks the server. An endpoint with a path is Jaeger's HTTP address, one without is its gRPC
 * server, as the specification of `jaeger_remote` has it.
 */
function asker({ endpoint, proxy, serviceName }: Poll): () => Promise<SamplingStrategy> {
  const url = new URL(endpoint)
  if (url.pathname !== '/') {
    url.searchParams.set('service', serviceName)
    const authorization = authorizationOf(url)
    return async () => strategyOfJson(await askHttp(url, authorization, TIMEOUT_MS))
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

/** Returns the value of the `authorization` header, and removes the credentials from the URL. */
function authorizationOf(url: URL): string | undefined {
  const { username, password } = url
  if (username === '' && password === '') return undefined
  url.username = ''
  url.password = ''
  return basicAuthorization(`${decoded(username)}:${decoded(password)}`)
}

/** Encodes `SamplingStrategyParameters`: the service name is field 1. */
function stringField(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length: number[] = []
  for (let left = bytes.length; ; left = Math.floor(left / 128)) {
    length.push(left < 128 ? left : (left % 128) + 128)
    if (left < 128) break
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), bytes])
}
