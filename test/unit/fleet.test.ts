import { runTestsOf } from '../support/tests-of.ts'

await runTestsOf('fleet')
