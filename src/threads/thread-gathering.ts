/** What the main thread needs once a worker thread has metrics, as one chunk. */
export { Gathering } from './gathering.ts'
export { pushedWith } from './pushed.ts'
