'use strict'
/** What a scenario prints: JSON lines, each the name of an observation and what was seen, with nothing in it that changes from run to run. */

const HERE = __dirname.replaceAll('\\', '/')
const MAX_DEPTH = 6

/** Prints one observation. */
function say(what, ...seen) {
  const values = seen.map((value) => describe(value))
  process.stdout.write(`${JSON.stringify([what, ...values])}\n`)
}

/** Calls `work` and prints how it ended: returned or thrown, and for a promise fulfilled or rejected. Gives what came of it. */
async function attempt(what, work) {
  let returned
  try {
    returned = work()
  } catch (error) {
    say(what, { thrown: error })
    return undefined
  }
  if (typeof returned?.then !== 'function') {
    say(what, { returned })
    return returned
  }
  try {
    const fulfilled = await returned
    say(what, { fulfilled })
    return fulfilled
  } catch (error) {
    say(what, { rejected: error })
    return undefined
  }
}

/** A value as JSON that shows its kind: class, own properties, names and lengths of functions, the app's frames of an error. */
function describe(value, depth = 0, parents = []) {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'undefined' || typeof value === 'bigint' || typeof value === 'symbol') {
    return `<${typeof value}${value === undefined ? '' : ` ${String(value)}`}>`
  }
  if (parents.includes(value)) return '<circular>'
  if (depth > MAX_DEPTH) return '<deeper>'
  const inner = (each) => describe(each, depth + 1, [...parents, value])
  if (typeof value === 'function') return describeFunction(value, inner)
  if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]')
    return describeError(value, inner)
  if (Array.isArray(value)) return value.map(inner)
  if (value instanceof Date) return { Date: value.toJSON() }
  if (ArrayBuffer.isView(value))
    return {
      [value.constructor.name]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    }
  if (value instanceof Map) return { Map: [...value].map(inner) }
  if (value instanceof Set) return { Set: [...value].map(inner) }
  const own = describeOwn(value, inner)
  const name = Object.getPrototypeOf(value)?.constructor?.name
  return name === undefined || name === 'Object' ? own : { [`<${name}>`]: own }
}

function describeFunction(value, inner) {
  const own = describeOwn(value, inner, ['length', 'name', 'prototype', 'arguments', 'caller'])
  return { function: value.name, length: value.length, ...(Object.keys(own).length === 0 ? {} : { own }) }
}

function describeError(error, inner) {
  const own = describeOwn(error, inner, ['stack', 'message', 'cause'])
  return {
    error: error.constructor?.name,
    message: tidied(String(error.message)),
    frames: framesOf(error),
    own,
    ...(error.cause === undefined ? {} : { cause: inner(error.cause) }),
  }
}

/** The stack's lines that are the app's own: where it called and who waits for it. */
function framesOf({ stack }) {
  const lines = String(stack).split('\n')
  return lines
    .filter((line) => /^\s+at .*\/transparency\/(?:scenarios|programs)\//.test(line))
    .map((line) => tidied(line.trim().replace(/ \[as [^\]]+\]/, '')))
}

function tidied(text) {
  return text.replaceAll('\\', '/').replaceAll('file://', '').replaceAll(HERE, '')
}

function describeOwn(value, inner, without = []) {
  const described = {}
  for (const key of Reflect.ownKeys(value)) {
    if (without.includes(key)) continue
    const { get, set, enumerable, value: held } = Object.getOwnPropertyDescriptor(value, key)
    const name = typeof key === 'symbol' ? String(key) : key
    described[enumerable ? name : `${name} (hidden)`] = get || set ? '<accessor>' : inner(held)
  }
  return described
}

/** Every line of a stack: who called the app, and for whom it awaited, with nothing between. */
function stackOf(error) {
  return String(error?.stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => tidied(line.trim().replace(/ \[as [^\]]+\]/, '')))
}

module.exports = { say, attempt, describe, stackOf }
