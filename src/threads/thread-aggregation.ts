/** The chunk that the main thread loads once a worker thread has metrics. */
export { ThreadAggregator } from './thread-aggregator.ts'
export { pushedWith } from './pushed.ts'
