import { InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation'

/**
 * Defines a file of a package that is patched when it is loaded. `file` begins with the name of the package. `patch`
 * changes its exports in place, or returns others. A patch is never undone, since instrumentations are not disabled once
 * the app runs.
 */
export function patchedFile<Exports>(
  file: string,
  versions: readonly string[],
  patch: (exports: Exports) => Exports | void,
): InstrumentationNodeModuleFile {
  const patched = (exports: Exports): Exports => patch(exports) ?? exports
  return new InstrumentationNodeModuleFile(file, [...versions], patched, () => {})
}
