import { setMounted } from '../http/route.ts'
import { stampOf } from '../http/stamp.ts'
import { joinTemplates } from './templates.ts'

/** A router, or a middleware with a path, that a request has entered. */
interface Mount {
  /** The `next` of the router it is mounted in. A router has a new one each time it handles a request. */
  readonly next: unknown
  /** The request's `baseUrl` inside the mount. */
  readonly baseUrl: string
  /** The template of the mount, including those of all routers around it. */
  readonly template: string
  readonly parent: Mount | undefined
}

interface Request {
  readonly baseUrl?: unknown
}

/**
 * Tracks where a request is among nested routers. No event reports that a router was left: its parent continues with
 * its own `next` and with the previous `baseUrl`, by which it is recognised.
 */
class Mounts {
  /** On the request itself, which the mounts refer to: a `WeakMap` would keep it for longer. */
  readonly #innermost = stampOf<Mount>()

  /** The request enters a mount. `own` returns the mount's template; of several, the one of the path that matched. */
  enter(request: Request & object, next: unknown, own: (path: string) => string): void {
    const baseUrl = baseUrlOf(request)
    const parent = this.#parentOf(request, next, baseUrl)
    const path = baseUrl.slice(parent?.baseUrl.length ?? 0)
    const template = joinTemplates(parent?.template ?? '', own(path))
    this.#innermost.set(request, { next, baseUrl, template: template === '/' ? '' : template, parent })
  }

  /** Returns the template of the mounts that the request is in. */
  templateOf(request: Request & object, next: unknown): string {
    let mount = this.#innermost.of(request)
    if (mount === undefined) return ''
    const baseUrl = baseUrlOf(request)
    const sibling = mountBy(next, mount)
    if (sibling !== undefined) return sibling.parent?.template ?? ''
    while (mount !== undefined && mount.baseUrl !== baseUrl) mount = mount.parent
    return mount?.template ?? ''
  }

  #parentOf(request: object, next: unknown, baseUrl: string): Mount | undefined {
    let mount = this.#innermost.of(request)
    const sibling = mountBy(next, mount)
    if (sibling !== undefined) return sibling.parent
    while (mount !== undefined && !baseUrl.startsWith(mount.baseUrl)) mount = mount.parent
    return mount
  }
}

const mounts = new Mounts()

/** Returns the template of everything that the request has entered: routers, and Connect apps around or inside them. */
export function mountOf(request: Request & object, next?: unknown): string {
  const own = mounts.templateOf(request, next)
  const around = connectMounts.get(request)
  if (around === undefined) return own
  return joinTemplates(around.template, own.startsWith(around.routers) ? own.slice(around.routers.length) : own)
}

export function enterMount(request: Request & object, next: unknown, own: (path: string) => string): void {
  mounts.enter(request, next, own)
  setMounted(request, mountOf)
}

/** The position in a Connect app: its template, and the part of it that the surrounding routers have as well. */
interface ConnectMount {
  readonly template: string
  readonly routers: string
}

const connectMounts = new WeakMap<object, ConnectMount>()

/** Returns undefined if the request is in no Connect app. */
export function connectMountOf(request: object): ConnectMount | undefined {
  return connectMounts.get(request)
}

/** The request enters a mount of Connect. */
export function enterConnectMount(request: object, template: string): void {
  connectMounts.set(request, { template, routers: mounts.templateOf(request, undefined) })
  setMounted(request, mountOf)
}

/** The request leaves a Connect app; `around` is the mount that surrounds it. */
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
