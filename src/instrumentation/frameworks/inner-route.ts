import { mountAround, setRoute } from '../http/route.ts'
import { joinTemplates } from './templates.ts'

/**
 * Sets the route of a request in a framework that may be mounted in an app of Express or Connect, which passes it the
 * path inside the mount. `path`: as for `setRoute`.
 */
export function setInnerRoute(request: object, template: string, path?: string): void {
  setRoute(request, joinTemplates(mountAround(request), template), path)
}
