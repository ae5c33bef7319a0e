import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import type { PoolReader } from './pool-reader.ts'
import type { Pools } from './pools.ts'

/** Reports the pools that a client creates to `pools`. Must be called before the client is loaded. */
export function hookPools({ packageName, files, create, read }: PoolReader, pools: Pools): void {
  const found = (pool: object): void => pools.add(pool, read)
  const hooked = files.map(
    (file) =>
      new InstrumentationNodeModuleFile(
        file,
        ['*'],
        (exports) => create(exports, found),
        () => {},
      ),
  )
  const main = files.length === 0 ? (exports: unknown) => create(exports, found) : undefined
  const definition = new InstrumentationNodeModuleDefinition(packageName, ['*'], main, undefined, hooked)
  // oxlint-disable-next-line no-new -- its constructor registers it
  new PoolInstrumentation(`@paxx/obs/pools-${packageName}`, VERSION, { definition })
}

interface PoolConfig {
  readonly enabled?: boolean
  readonly definition: InstrumentationNodeModuleDefinition
}

/** Hooks the files that define pools. Makes no spans. */
class PoolInstrumentation extends InstrumentationBase<PoolConfig> {
  protected override init(): InstrumentationNodeModuleDefinition {
    return this.getConfig().definition
  }
}
