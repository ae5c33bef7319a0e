/**
 * Additional version ranges with which upstream's instrumentations work, by short name. Each is tested with the real
 * library (test/matrix/databases).
 */
export const WIDER_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  bunyan: ['>=2.0.0 <3'],
  openai: ['>=7.0.0 <8'],
}
