/**
 * Stands in for the package `node-fetch` in the bundle, which a Google client loads to ask a cloud's metadata server: 3,000
 * lines of web streams that Node.js has itself.
 */
const fetchOfNode: typeof fetch = (...request) => fetch(...request)

export default fetchOfNode
