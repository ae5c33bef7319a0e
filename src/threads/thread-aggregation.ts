/** What the main thread loads once a worker thread has metrics, as one chunk. */
export { ThreadAggregator } from './thread-aggregator.ts'
export { pushedWith } from './pushed.ts'
