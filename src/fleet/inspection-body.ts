import type { InspectedProcess } from '../base/inspection.ts'

/** Far more than the inspection of any process. */
const MAX_BYTES = 256 * 1024

/** Decodes the inspection of a process. Throws when it is malformed: a missing field would break the page. */
export function bodyToInspection(body: Buffer): InspectedProcess {
  if (body.length > MAX_BYTES) throw new Error('not an inspection')
  const value: unknown = JSON.parse(body.toString())
  if (!isInspection(value)) throw new Error('not an inspection')
  return value
}

function isInspection(value: unknown): value is InspectedProcess {
  if (!isObject(value)) return false
  const { pid, service, tooLarge, instrumentations, exports } = value
  return (
    typeof pid === 'number' &&
    typeof service === 'string' &&
    typeof tooLarge === 'number' &&
    Array.isArray(instrumentations) &&
    instrumentations.every(isInstrumentation) &&
    isObject(exports) &&
    Object.values(exports).every(isExport)
  )
}

function isInstrumentation(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, patched, passedBy } = value
  return typeof name === 'string' && [patched, passedBy].every((each) => Array.isArray(each) && each.every(isPackage))
}

function isPackage(value: unknown): boolean {
  return isObject(value) && typeof value['name'] === 'string' && isTextOrNone(value['version'])
}

function isExport(value: unknown): boolean {
  if (!isObject(value)) return false
  const { endpoint, exported, lost, pending, trouble } = value
  return (
    typeof endpoint === 'string' &&
    [exported, lost, pending].every((count) => typeof count === 'number') &&
    isTextOrNone(trouble)
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
