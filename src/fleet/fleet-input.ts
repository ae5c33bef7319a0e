import type { InspectedProcess } from '../base/inspection.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { FleetSettings } from '../settings/settings.ts'
import type { Collect, MetricsSource } from '../sideport/sideport.ts'
import type { ServiceFeed } from './feed.ts'
import type { IdentityInput } from './identity.ts'

/** What a process brings into its fleet. */
export interface FleetInput extends IdentityInput {
  readonly settings: FleetSettings
  /** The metrics of this process. */
  readonly own: MetricsSource
  /** Opens the side port on a port. Rejects with `code` EADDRINUSE when the port is taken. */
  readonly open: (port: number, collect: Collect, feed: ServiceFeed | undefined) => Promise<FleetPort>
  /** The batches of this process, for the page; undefined when the page is off. */
  readonly feed: BatchFeed | undefined
  /** Returns the inspection of this process, for the page. */
  readonly inspect: () => InspectedProcess
}

export interface FleetPort {
  /** For example `http://localhost:9464`. */
  readonly address: string
  readonly close: () => void
}
