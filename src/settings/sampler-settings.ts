import { shownUrl } from '../base/shown-url.ts'
import { parseRatio } from './parse.ts'
import { readProxy } from './proxy.ts'
import type { RemoteSamplerSettings, SamplerName, TracesSettings } from './settings.ts'
import type { Values } from './values.ts'

const SAMPLER = 'OTEL_TRACES_SAMPLER'
const ARGUMENT = 'OTEL_TRACES_SAMPLER_ARG'

/** Reads the sampler. The argument is used only when the sampler takes one, as the specification requires. */
export function readSampler(values: Values): TracesSettings['sampler'] {
  const name = values.choice<SamplerName>(SAMPLER)
  const text = values.text(ARGUMENT)
  if (name.endsWith('jaeger_remote')) return { name, ratio: 1, remote: readRemote(values, text ?? '') }
  if (text === undefined || !name.endsWith('traceidratio')) return { name, ratio: 1, remote: undefined }
  const ratio = parseRatio(text)
  if (ratio === undefined) values.addProblem(ARGUMENT, 'is not a number from 0 to 1; using 1')
  return { name, ratio: ratio ?? 1, remote: undefined }
}

/** The defaults of the samplers in other languages. */
const REMOTE: RemoteSamplerSettings = {
  endpoint: 'http://localhost:14250',
  pollingIntervalMs: 60_000,
  initialRate: 0.001,
  proxy: undefined,
}

/**
 * Parses `endpoint=http://localhost:14250,pollingIntervalMs=5000,initialSamplingRate=0.25`. Invalid entries are
 * ignored.
 */
function readRemote(values: Values, text: string): RemoteSamplerSettings {
  const read = { ...REMOTE }
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue
    const equals = entry.indexOf('=')
    const key = entry.slice(0, Math.max(equals, 0)).trim()
    const fault = readEntry(read, key, entry.slice(equals + 1).trim())
    if (fault !== undefined) values.addProblem(ARGUMENT, fault)
  }
  return { ...read, proxy: readProxy(values, read.endpoint, ARGUMENT) }
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

function readEntry(read: Writable<RemoteSamplerSettings>, key: string, value: string): string | undefined {
  switch (key) {
    case 'endpoint': {
      const url = /^https?:\/\/[^/\s]/i.test(value) ? URL.parse(value) : null
      if (url === null)
        return `has an endpoint that is not an http:// or https:// URL; using ${shownUrl(read.endpoint)}`
      read.endpoint = url.href.replace(/\/$/, '')
      return undefined
    }
    case 'pollingIntervalMs': {
      const intervalMs = /^\d{1,9}$/.test(value) ? Number(value) : 0
      if (intervalMs === 0)
        return `has a pollingIntervalMs that is not a whole number (1 or more); using ${read.pollingIntervalMs}`
      read.pollingIntervalMs = intervalMs
      return undefined
    }
    case 'initialSamplingRate': {
      const rate = parseRatio(value)
      if (rate === undefined)
        return `has an initialSamplingRate that is not a number from 0 to 1; using ${read.initialRate}`
      read.initialRate = rate
      return undefined
    }
    default:
      return 'has an entry that is none of endpoint=, pollingIntervalMs=, initialSamplingRate=, which is ignored'
  }
}
