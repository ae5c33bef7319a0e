/**
 * Version ranges that upstream's instrumentations do not name and work with, by the instrumentation's short name. A test with a real
 * library of each range holds it (test/matrix/databases).
 */
export const WIDER_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  bunyan: ['>=2.0.0 <3'],
  openai: ['>=7.0.0 <8'],
}
