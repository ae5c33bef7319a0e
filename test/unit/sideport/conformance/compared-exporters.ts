import type { IncomingMessage, ServerResponse } from 'node:http'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { createExposition } from '../../../../src/sideport/exposition/exposition.ts'
import { negotiateFormat } from '../../../../src/sideport/exposition/negotiate.ts'
import type { TranslationStrategy } from '../../../../src/settings/settings.ts'
import { decodeFamilies } from '../../../support/metric-family.ts'
import type { DecodedFamily } from '../../../support/metric-family.ts'

/** One answer to a scrape. */
export interface Shown {
  readonly contentType: string
  readonly text: string
  /** Lines of one family, comments among them. */
  readonly lines: (name: string) => string[]
  /** What it says of protobuf; empty of any other format. */
  readonly families: ReadonlyMap<string, DecodedFamily>
}

export interface Asked {
  readonly accept?: string
  readonly translationStrategy?: TranslationStrategy
}

export type Expose = (result: CollectionResult, asked: Asked) => Promise<Shown>

/** This package's exporter. */
export const ours: Expose = (result, { accept, ...options }) => {
  const format = negotiateFormat(accept)
  const exposition = createExposition(options)
  const pieces = [...exposition.pieces(result, format)].map((piece) => Buffer.from(piece))
  return Promise.resolve(shown(format.contentType, Buffer.concat(pieces)))
}

/** Upstream's, through its own request handler. */
export const upstream: Expose = async (result, { accept }) => {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  exporter.collect = () => Promise.resolve(result)
  let contentType = ''
  const body = await new Promise<string>((resolve) => {
    const response = {
      setHeader: (_: string, value: string) => (contentType = value),
      end: resolve,
    }
    const request = { headers: { accept } }
    exporter.getMetricsRequestHandler(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  })
  return shown(contentType, Buffer.from(body))
}

function shown(contentType: string, body: Buffer): Shown {
  const isProtobuf = contentType.includes('protobuf')
  const text = isProtobuf ? '' : body.toString()
  const families = new Map((isProtobuf ? decodeFamilies(body) : []).map((family) => [family.name, family]))
  return { contentType, text, lines: (name) => linesAbout(text, name), families }
}

/** Of a family by its name as it is written, with its suffixes. */
function linesAbout(text: string, name: string): string[] {
  return text.split('\n').filter((line) => {
    const rest = line.replace(/^# (?:HELP|TYPE|UNIT) /, '').replace(/^\{?"?/, '')
    return rest.startsWith(name) && !/^[a-zA-Z0-9.:]/.test(rest.slice(name.length))
  })
}
