import { entriesOf, templateOf } from './templates.ts'
import type { Layer, TemplateFor } from './watched-layers.ts'

interface LayerOptions {
  readonly sensitive: boolean | undefined
  readonly strict: boolean | undefined
  readonly end: boolean
}

type LayerClass = new (path: string | RegExp, options: LayerOptions, handler: () => void) => Layer

/** Entries of an array are matched with one layer each, created as the router creates them. */
export function templateFor(layer: Layer, path: unknown, options: LayerOptions): TemplateFor {
  const entries = entriesOf(path)
  const [first = '/', ...others] = entries
  const only = templateOf(first)
  if (others.length === 0) return () => only
  const OneLayer = layer.constructor as LayerClass
  // Express 4 writes into a regular expression that a layer is made of, which is the app's.
  const layers = entries.map(
    (entry) =>
      [
        templateOf(entry),
        new OneLayer(typeof entry === 'string' ? entry : new RegExp(entry), options, () => {}),
      ] as const,
  )
  return (matched) => layers.find(([, each]) => each.match(matched))?.[0] ?? only
}
