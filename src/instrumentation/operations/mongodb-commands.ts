/**
 * Commands whose value is the name of a collection. The value of others (`usersInfo`, `createUser`) may be the name of
 * a user or anything else.
 */
const OF_COLLECTION: ReadonlySet<string> = new Set(
  (
    'aggregate collMod collStats compact convertToCapped count create createIndexes createSearchIndexes dataSize delete ' +
    'distinct drop dropIndexes dropSearchIndex find findAndModify insert listIndexes listSearchIndexes mapReduce ' +
    'planCacheClear reIndex update updateSearchIndex validate'
  ).split(' '),
)

/** Returns the value in a command that stands for its collection. */
export function collectionOf(name: string, command: Readonly<Record<string, unknown>>): unknown {
  if (name === 'getMore') return command['collection']
  return OF_COLLECTION.has(name) ? command[name] : undefined
}
