type Methods = Record<string, (...args: unknown[]) => unknown>

interface ProviderKind {
  /** The method that returns tracers or loggers. */
  readonly get: string
  /** The methods of a tracer or logger. */
  readonly methods: readonly string[]
}

const KINDS: Readonly<Record<string, ProviderKind>> = {
  trace: { get: 'getTracer', methods: ['startSpan', 'startActiveSpan'] },
  logs: { get: 'getLogger', methods: ['emit', 'enabled'] },
}

/**
 * Returns a provider whose tracers or loggers delegate to the provider that `latest` returns at each use. An
 * instrumentation of the app gets its tracer when it is constructed, which is before the app registers its SDK; the
 * API's own proxies would then switch over too. For other kinds, which have no such proxies, returns the provider
 * itself.
 */
export function switchingProvider(kind: string, own: unknown, latest: () => unknown): unknown {
  const made = KINDS[kind]
  if (made === undefined || typeof own !== 'object' || own === null) return own
  const { get, methods } = made
  return extended(own, {
    [get]: (...args) =>
      switchingMember((own as Methods)[get]?.(...args), () => (latest() as Methods)[get]?.(...args), methods, latest),
  })
}

function switchingMember(
  own: unknown,
  make: () => unknown,
  methods: readonly string[],
  latest: () => unknown,
): unknown {
  if (typeof own !== 'object' || own === null) return own
  let provider = latest()
  let member = own as Methods
  const current = (): Methods => {
    if (latest() !== provider) {
      provider = latest()
      member = make() as Methods
    }
    return member
  }
  const known = methods.filter((name) => typeof (own as Methods)[name] === 'function')
  return extended(
    own,
    Object.fromEntries(
      known.map((name) => [
        name,
        (...args: unknown[]) => {
          const target = current()
          return Reflect.apply(target[name] as Methods[string], target, args)
        },
      ]),
    ),
  )
}

function extended(own: object, methods: Methods): object {
  return Object.assign(Object.create(own) as object, methods)
}
