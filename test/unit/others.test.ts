import { runTestsOf } from '../support/tests-of.ts'

await runTestsOf('aggregation', 'base', 'bundler', 'loader', 'page', 'scripts', 'start', 'structure', 'threads')
