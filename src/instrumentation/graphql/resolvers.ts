import { types } from 'node:util'
import { context } from '@opentelemetry/api'
import { inPlaceOf, replaceMethod } from '../frameworks/replace-method.ts'
import { withStackRoom } from '../stack-room.ts'
import { activeResolvers } from './operations.ts'
import type { ResolvedField, RunningResolver } from './resolver-spans.ts'

interface Path {
  readonly prev?: Path
  readonly key: string | number
}

interface Info {
  readonly fieldName: string
  readonly returnType: unknown
  readonly parentType: { readonly name: string }
  readonly path: Path
}

export type Resolve = (this: unknown, source: unknown, args: unknown, contextValue: unknown, info: Info) => unknown

/**
 * The parts of graphql-js's types that are used here. Lists and non-null types wrap another type; unions and interfaces
 * stand for several.
 */
interface Type {
  readonly ofType?: Type
  getFields?(): Readonly<Record<string, { resolve?: Resolve; readonly type: Type }>>
}

export interface Schema {
  getTypeMap?(): Readonly<Record<string, Type & { readonly name?: string }>>
}

const watched = new WeakSet<object>()
const made = new WeakSet<Resolve>()

/** Gives the resolvers of a schema spans. Of each field, only the function that resolves it is replaced. */
export function watchResolvers(schema: Schema | undefined): void {
  if (typeof schema?.getTypeMap !== 'function' || watched.has(schema)) return
  watched.add(schema)
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name?.startsWith('__') === true || typeof type.getFields !== 'function') continue
    for (const field of Object.values(type.getFields())) {
      replaceMethod<Resolve>(field, 'resolve', traced)
    }
  }
}

/** Wraps the resolver of fields that have none of their own, most of which are only read from an object. */
export function tracedDefault(resolve: Resolve): Resolve {
  const tracing = traced(resolve)
  return inPlaceOf<Resolve>(resolve, function (this: unknown, source, args, contextValue, info) {
    const isTrivial = typeof (Object(source) as Record<string, unknown>)[info.fieldName] !== 'function'
    const isOmitted = isTrivial && activeResolvers()?.hasTrivial !== true
    return (isOmitted ? resolve : tracing).call(this, source, args, contextValue, info)
  })
}

function traced(original: Resolve): Resolve {
  if (made.has(original)) return original
  const tracing = withStackRoom<Resolve>(
    original,
    (resolve) =>
      function (this: unknown, source, args, contextValue, info) {
        const call = activeResolvers()?.enter(fieldOf(info))
        if (call === undefined) return resolve.call(this, source, args, contextValue, info)
        return context.with(call.context, () => {
          let result: unknown
          try {
            result = resolve.call(this, source, args, contextValue, info)
          } catch (error) {
            call.fail(error)
            throw error
          }
          if (types.isPromise(result)) return endedWith(result, call)
          call.end()
          return result
        })
      },
  )
  made.add(inPlaceOf(original, tracing))
  return tracing
}

/** Returns the derived promise: V8 shows who awaits a promise (`at async`) only if nothing else follows it. */
function endedWith(promise: Promise<unknown>, call: RunningResolver): Promise<unknown> {
  return promise.then(
    (value) => {
      call.end()
      return value
    },
    (error: unknown) => {
      call.fail(error)
      throw error
    },
  )
}

function fieldOf({ fieldName, returnType, parentType, path }: Info): ResolvedField {
  const keys: (string | number)[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key)
  return { path: keys.toReversed(), name: fieldName, type: String(returnType), parent: parentType.name }
}
