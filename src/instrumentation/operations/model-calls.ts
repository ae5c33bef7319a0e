import {
  type Attributes,
  context,
  type Context,
  type Histogram,
  type Meter,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { modelFailureOf } from './model-failure.ts'

/**
 * The known facts about a call of a model, or of a tool that a model requested, before it begins. Semantic conventions,
 * gen-ai/gen-ai-spans.
 */
export interface ModelFacts {
  /** `gen_ai.operation.name`. */
  readonly operation: 'chat' | 'embeddings' | 'execute_tool'
  /** The AI SDK's name: `openai.chat`, `amazon-bedrock`. */
  readonly provider?: unknown
  readonly model?: unknown
  readonly tool?: unknown
  readonly more?: Attributes
}

/** Conventional provider names that differ from the AI SDK's. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws.bedrock',
  azure: 'azure.ai.openai',
  google: 'gcp.gemini',
  'google-vertex': 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
}

const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864]

/** Makes the spans of model calls, and records `gen_ai.client.operation.duration` and `gen_ai.client.token.usage`. */
export class ModelCalls {
  readonly #tracer: ClientTracer
  #instruments: Instruments | undefined

  constructor(tracer: ClientTracer) {
    this.#tracer = tracer
  }

  start({ operation, provider, model, tool, more }: ModelFacts): ModelCall {
    const [first = ''] = String(provider ?? '').split('.', 1)
    const labels: Attributes = {
      'gen_ai.operation.name': operation,
      ...(first !== '' && { 'gen_ai.provider.name': PROVIDERS[first] ?? first }),
      ...(typeof model === 'string' && { 'gen_ai.request.model': model }),
      ...(typeof tool === 'string' && { 'gen_ai.tool.name': tool }),
    }
    const target = typeof tool === 'string' ? tool : model
    const name = typeof target === 'string' ? `${operation} ${target}` : operation
    const kind = operation === 'execute_tool' ? SpanKind.INTERNAL : SpanKind.CLIENT
    const span = this.#tracer.start(name, { ...labels, ...more }, kind)
    return new ModelCall(span, labels, () => this.#current())
  }

  #current(): Instruments {
    const { meter } = this.#tracer
    if (this.#instruments?.meter !== meter) this.#instruments = instrumentsOf(meter)
    return this.#instruments
  }
}

/** One call, from its start to its end. */
export class ModelCall {
  readonly span: Span
  /** A context that contains the span. */
  readonly context: Context
  readonly #labels: Attributes
  readonly #instruments: () => Instruments
  readonly #startMs = performance.now()
  #isEnded = false

  constructor(span: Span, labels: Attributes, instruments: () => Instruments) {
    this.span = span
    this.context = trace.setSpan(context.active(), span)
    this.#labels = labels
    this.#instruments = instruments
  }

  /** Records the model's answer: `gen_ai.response.*` and `gen_ai.usage.*`. */
  answered(attributes: Attributes): void {
    this.span.setAttributes(attributes)
    const { tokens } = this.#instruments()
    for (const type of ['input', 'output']) {
      const used = attributes[`gen_ai.usage.${type}_tokens`]
      if (typeof used === 'number') tokens.record(used, { ...this.#labels, 'gen_ai.token.type': type })
    }
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#measure()
    this.span.end()
  }

  fail(error: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#measure(endFailed(this.span, modelFailureOf(error)))
  }

  #measure(errorType?: string): void {
    const labels = errorType === undefined ? this.#labels : { ...this.#labels, 'error.type': errorType }
    this.#instruments().durations.record((performance.now() - this.#startMs) / 1000, labels, this.context)
  }
}

interface Instruments {
  readonly meter: Meter
  readonly durations: Histogram
  readonly tokens: Histogram
}

function instrumentsOf(meter: Meter): Instruments {
  const histogram = (name: string, unit: string, description: string, bounds: number[]): Histogram =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: bounds } })
  return {
    meter,
    durations: histogram('gen_ai.client.operation.duration', 's', 'GenAI operation duration', SECONDS),
    tokens: histogram(
      'gen_ai.client.token.usage',
      '{token}',
      'Measures number of input and output tokens used',
      TOKENS,
    ),
  }
}
