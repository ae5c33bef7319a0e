import type { Attributes } from '@opentelemetry/api'
import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources'
import type { Resource } from '@opentelemetry/resources'

/**
 * The resource of a fleet: the leader's without attributes of a single process, so that `target_info` stays the same
 * whichever process leads.
 */
export class SharedResource {
  #source: Resource | undefined
  #shared: Resource = emptyResource()

  of(source: Resource | undefined): Resource {
    if (source === undefined || source.asyncAttributesPending) return source ?? this.#shared
    if (source !== this.#source) {
      this.#source = source
      this.#shared = resourceFromAttributes(shared(source.attributes))
    }
    return this.#shared
  }
}

function shared(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes)
  return Object.fromEntries(entries.filter(([name]) => name !== 'service.instance.id' && !isOfProcess(name)))
}

function isOfProcess(name: string): boolean {
  if (name === 'nodejs.cluster.worker.id') return true
  return name.startsWith('process.') && !name.startsWith('process.runtime.')
}
