import type { Settings } from '../settings/settings.ts'

/** Returns whether sampling goes beyond the specification's samplers. */
export function samplesOnItsOwn({ exporters, sampler, keep, perSecond, untraced }: Settings['traces']): boolean {
  const isUntracing = untraced.paths.length + untraced.hosts.length > 0
  const isOwn = sampler.remote !== undefined || keep.errors || keep.slow || perSecond !== Infinity || isUntracing
  return exporters.length > 0 && isOwn
}
