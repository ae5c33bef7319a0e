import type { SamplingStrategy } from '../settings/settings.ts'
import { type Field, fieldOf, fields } from './protobuf-fields.ts'

/**
 * `SamplingStrategyType` of Jaeger's answer, over gRPC and HTTP.
 * https://github.com/jaegertracing/jaeger-idl/blob/main/proto/api_v2/sampling.proto
 */
const RATE_LIMITING = 1

/** Far more operations than a person would configure. */
const MAX_OPERATIONS = 2000

/** Parses the answer over gRPC. Throws when it is malformed. */
export function strategyOfProtobuf(message: Uint8Array): SamplingStrategy {
  const answer = fields(message)
  const operations = answer.find(({ field }) => field === 4)
  if (operations !== undefined && operations.bytes.length > 0) return operationsOf(fields(operations.bytes))
  if (fieldOf(answer, 1).number === RATE_LIMITING) {
    return { perSecond: atLeastZero(fieldOf(fields(fieldOf(answer, 3).bytes), 1).number) }
  }
  return { rate: share(fieldOf(fields(fieldOf(answer, 2).bytes), 1).number) }
}

function operationsOf(found: readonly Field[]): SamplingStrategy {
  const rates = found
    .filter(({ field }) => field === 3)
    .slice(0, MAX_OPERATIONS)
    .map(({ bytes }) => {
      const operation = fields(bytes)
      const name = Buffer.from(fieldOf(operation, 1).bytes).toString()
      return [name, share(fieldOf(fields(fieldOf(operation, 2).bytes), 1).number)] as const
    })
  return {
    defaultRate: share(fieldOf(found, 1).number),
    lowerBoundPerSecond: atLeastZero(fieldOf(found, 2).number),
    rates: Object.fromEntries(rates),
  }
}

type Answer = Readonly<Record<string, unknown>>

/** Parses the answer over HTTP. Throws when it is malformed. */
export function strategyOfJson(text: string): SamplingStrategy {
  const answer = objectOf(JSON.parse(text))
  const operations = answer['operationSampling']
  if (operations !== undefined && operations !== null) return operationsOfJson(objectOf(operations))
  const type = answer['strategyType'] ?? 'PROBABILISTIC'
  if (type === 'RATE_LIMITING' || type === RATE_LIMITING) {
    return { perSecond: atLeastZero(objectOf(answer['rateLimitingSampling'])['maxTracesPerSecond']) }
  }
  return { rate: share(objectOf(answer['probabilisticSampling'])['samplingRate']) }
}

function operationsOfJson(found: Answer): SamplingStrategy {
  const listed = found['perOperationStrategies'] ?? []
  if (!Array.isArray(listed)) throw new TypeError('the answer is not a sampling strategy')
  const rates = listed.slice(0, MAX_OPERATIONS).map((each: unknown) => {
    const { operation, probabilisticSampling } = objectOf(each)
    return [String(operation), share(objectOf(probabilisticSampling)['samplingRate'])] as const
  })
  return {
    defaultRate: share(found['defaultSamplingProbability']),
    lowerBoundPerSecond: atLeastZero(found['defaultLowerBoundTracesPerSecond'] ?? 0),
    rates: Object.fromEntries(rates),
  }
}

function objectOf(value: unknown): Answer {
  if (typeof value !== 'object' || value === null) throw new TypeError('the answer is not a sampling strategy')
  return value as Answer
}

function share(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw new RangeError(`${String(value)} is not a sampling rate`)
  return value
}

function atLeastZero(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new RangeError(`${String(value)} is not a number of traces`)
  return value
}
