import { joinTemplates } from './templates.ts'

/** A router, or a middleware with a path, that a request went into. */
interface Mount {
  /** The `next` of the router it is mounted in: one function for each time that a router handles a request. */
  readonly next: unknown
  /** What the request's `baseUrl` is inside. */
  readonly baseUrl: string
  /** The template of that, with the templates of all routers around it. */
  readonly template: string
  readonly parent: Mount | undefined
}

interface Request {
  readonly baseUrl?: unknown
}

/**
 * Where a request is among nested routers. Nothing tells that a router was left: its parent goes on with its own `next`, and
 * with the `baseUrl` of before, by which that is known again.
 */
class Mounts {
  readonly #innermost = new WeakMap<object, Mount>()

  /** The request goes into a mount. `own`: its template; where it has several, that of the path that matched. */
  enter(request: Request & object, next: unknown, own: (path: string) => string): void {
    const baseUrl = baseUrlOf(request)
    const parent = this.#parentOf(request, next, baseUrl)
    const path = baseUrl.slice(parent?.baseUrl.length ?? 0)
    const template = joinTemplates(parent?.template ?? '', own(path))
    this.#innermost.set(request, { next, baseUrl, template: template === '/' ? '' : template, parent })
  }

  /** The template of the mounts that the request is in. */
  templateOf(request: Request & object, next: unknown): string {
    let mount = this.#innermost.get(request)
    if (mount === undefined) return ''
    const baseUrl = baseUrlOf(request)
    const sibling = mountBy(next, mount)
    if (sibling !== undefined) return sibling.parent?.template ?? ''
    while (mount !== undefined && mount.baseUrl !== baseUrl) mount = mount.parent
    return mount?.template ?? ''
  }

  #parentOf(request: object, next: unknown, baseUrl: string): Mount | undefined {
    let mount = this.#innermost.get(request)
    const sibling = mountBy(next, mount)
    if (sibling !== undefined) return sibling.parent
    while (mount !== undefined && !baseUrl.startsWith(mount.baseUrl)) mount = mount.parent
    return mount
  }
}

const mounts = new Mounts()

/** The template of all that the request went into: routers, and apps of Connect around them or in them. */
export function mountOf(request: Request & object, next?: unknown): string {
  const own = mounts.templateOf(request, next)
  const around = connectMounts.get(request)
  if (around === undefined) return own
  return joinTemplates(around.template, own.startsWith(around.routers) ? own.slice(around.routers.length) : own)
}

export function enterMount(request: Request & object, next: unknown, own: (path: string) => string): void {
  mounts.enter(request, next, own)
}

/** Where an app of Connect is: its template, and the part of it that the routers around it have as well. */
interface ConnectMount {
  readonly template: string
  readonly routers: string
}

const connectMounts = new WeakMap<object, ConnectMount>()

/** Undefined: the request is in no app of Connect. */
export function connectMountOf(request: object): ConnectMount | undefined {
  return connectMounts.get(request)
}

/** The request goes into a mount of Connect's. */
export function enterConnectMount(request: object, template: string): void {
  connectMounts.set(request, { template, routers: mounts.templateOf(request, undefined) })
}

/** The request leaves an app of Connect, for what is around that. */
export function leaveConnectMount(request: object, around: ConnectMount | undefined): void {
  if (around === undefined) connectMounts.delete(request)
  else connectMounts.set(request, around)
}

function mountBy(next: unknown, innermost: Mount | undefined): Mount | undefined {
  let mount = innermost
  while (mount !== undefined && mount.next !== next) mount = mount.parent
  return mount
}

function baseUrlOf({ baseUrl }: Request): string {
  return typeof baseUrl === 'string' ? baseUrl : ''
}
