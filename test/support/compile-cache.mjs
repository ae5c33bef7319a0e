// Keeps what Node.js compiles of the test files, types stripped, between their processes: each process would otherwise spend half
// a second of processor time on it. The cache is not an environment variable: the apps that the tests start must not inherit it.
import { enableCompileCache } from 'node:module'

enableCompileCache(new URL('../../node_modules/.cache/tests', import.meta.url).pathname)
