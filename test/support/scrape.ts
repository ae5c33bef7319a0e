import { request } from 'node:http'
import { eventually } from './eventually.ts'

export interface ScrapeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Scrape {
  readonly body: string
  readonly samples: readonly Sample[]
  /** The type in the TYPE line of each family. */
  readonly types: Readonly<Record<string, string>>
  find(name: string, labels?: Readonly<Record<string, string>>): readonly Sample[]
  /** Returns the sum of the samples with these labels; 0 if there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number
}

/** Sends one request on a new connection. */
export function httpGet(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<ScrapeResponse> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    call.setTimeout(15_000, () => call.destroy(new Error(`no answer from ${url}`)))
    call.on('error', reject)
    call.end()
  })
}

/** How long a side port may take to open, which happens after the app listens. After that, it counts as closed. */
const OPENS_WITHIN_MS = 2000

/** Scrapes the side port like Prometheus with the text format, and fails on anything that a scraper would reject. */
export async function scrape(port: number, host = '127.0.0.1'): Promise<Scrape> {
  const response = await onceOpen(() =>
    httpGet(`http://${host}:${port}/metrics`, { accept: 'text/plain;version=0.0.4' }),
  )
  if (response.status !== 200) throw new Error(`scrape answered ${response.status}: ${response.body}`)
  return parseExposition(response.body)
}

async function onceOpen<Result>(ask: () => Promise<Result>): Promise<Result> {
  const { answered } = await eventually(async () => {
    const answered = ask()
    const isClosed = await answered.then(
      () => false,
      (thrown: NodeJS.ErrnoException) => thrown.code === 'ECONNREFUSED',
    )
    if (isClosed) await answered
    return { answered }
  }, OPENS_WITHIN_MS)
  return answered
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: (-?\d+))?$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y
const SUFFIXES = /_(bucket|sum|count)$/

/** Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function parseExposition(body: string): Scrape {
  if (body !== '' && !body.endsWith('\n')) throw new Error('the last line does not end')
  const samples: Sample[] = []
  const types: Record<string, string> = {}
  const seen = new Set<string>()
  const families: string[] = []
  for (const line of body.split('\n').slice(0, -1)) {
    if (line === '') continue
    if (line.startsWith('#')) {
      const [, keyword, family = '', rest = ''] = /^# (TYPE|HELP|UNIT) (\S+) ?(.*)$/.exec(line) ?? []
      if (keyword === 'TYPE') declare(types, family, rest)
      continue
    }
    const sample = parseSample(line)
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).toSorted())}`
    if (seen.has(key)) throw new Error(`doubled sample: ${line}`)
    seen.add(key)
    together(families, familyOf(sample.name, types), line)
    samples.push(sample)
  }
  return new ParsedScrape(body, samples, types)
}

class ParsedScrape implements Scrape {
  readonly body: string
  readonly samples: readonly Sample[]
  readonly types: Readonly<Record<string, string>>

  constructor(body: string, samples: readonly Sample[], types: Readonly<Record<string, string>>) {
    this.body = body
    this.samples = samples
    this.types = types
  }

  find(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    const wanted = Object.entries(labels)
    return this.samples.filter(
      (sample) => sample.name === name && wanted.every(([label, value]) => (sample.labels[label] ?? '') === value),
    )
  }

  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.find(name, labels).reduce((total, sample) => total + sample.value, 0)
  }
}

function declare(types: Record<string, string>, family: string, type: string): void {
  if (types[family] !== undefined) throw new Error(`doubled TYPE of ${family}`)
  if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(type)) throw new Error(`unknown type ${type}`)
  types[family] = type
}

function familyOf(name: string, types: Readonly<Record<string, string>>): string {
  const family = name.replace(SUFFIXES, '')
  return types[family] === 'histogram' || types[family] === 'summary' ? family : name
}

/** Checks that all samples of a family are in one group. */
function together(families: string[], family: string, line: string): void {
  if (families.at(-1) === family) return
  if (families.includes(family)) throw new Error(`apart from its family: ${line}`)
  families.push(family)
}

function parseSample(line: string): Sample {
  const [, name, labelText = '', valueText = ''] = LINE.exec(line) ?? []
  if (name === undefined) throw new Error(`not a sample: ${line}`)
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < labelText.length) {
    const match = LABEL.exec(labelText)
    if (!match) throw new Error(`bad labels: ${line}`)
    const [, label = '', value = ''] = match
    if (label in labels) throw new Error(`doubled label ${label}: ${line}`)
    labels[label] = value.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return { name, labels, value: parseValue(valueText, line) }
}

function parseValue(text: string, line: string): number {
  const special: Record<string, number> = { '+Inf': Infinity, '-Inf': -Infinity, NaN: NaN }
  const value = special[text] ?? Number(text)
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`bad value: ${line}`)
  return value
}
