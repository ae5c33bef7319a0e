import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installAlone, installTarball } from '../test/support/installed-tarball.ts'

export interface InstallSize {
  readonly megabytes: number
  readonly packages: number
}

/** Measures node_modules after installing this package or upstream's. */
export function installSizes(upstreamVersion: string): { readonly upstream: InstallSize; readonly obs: InstallSize } {
  const folder = mkdtempSync(join(tmpdir(), 'obs-bench-'))
  const obs = installTarball()
  try {
    // Upstream's manual installs the API as well.
    const packages = [`@opentelemetry/auto-instrumentations-node@${upstreamVersion}`, '@opentelemetry/api']
    const upstream = installAlone(join(folder, 'upstream'), ...packages)
    return { upstream: sizeOf(upstream), obs: sizeOf(obs) }
  } finally {
    rmSync(folder, { recursive: true })
    obs.remove()
  }
}

function sizeOf(installed: { readonly sizeBytes: number; readonly packages: readonly string[] }): InstallSize {
  return { megabytes: installed.sizeBytes / 1e6, packages: installed.packages.length }
}
