/** Commands whose own value names a collection; that of others (`usersInfo`, `createUser`) is the name of a user, or anything. */
const OF_COLLECTION: ReadonlySet<string> = new Set(
  (
    'aggregate collMod collStats compact convertToCapped count create createIndexes createSearchIndexes dataSize delete ' +
    'distinct drop dropIndexes dropSearchIndex find findAndModify insert listIndexes listSearchIndexes mapReduce ' +
    'planCacheClear reIndex update updateSearchIndex validate'
  ).split(' '),
)

/** What a command of that name says in the place of its collection. */
export function collectionOf(name: string, command: Readonly<Record<string, unknown>>): unknown {
  if (name === 'getMore') return command['collection']
  return OF_COLLECTION.has(name) ? command[name] : undefined
}
