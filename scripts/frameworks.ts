/**
 * `node scripts/frameworks.ts`: runs the framework matrix (`test/support/framework-matrix.ts`) bare and under the preload and writes
 * what it saw to docs/frameworks.md. The packages are installed by `npm ci --prefix test/matrix/frameworks`, and the same in
 * its folders `older` and `newer`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { type Framework, FRAMEWORKS, frameworkScript } from '../test/support/framework-matrix.ts'
import { answersOf, answersOfBare, expectedOf, outcomesOf } from '../test/support/framework-run.ts'
import { startServingApp } from '../test/support/serving-app.ts'

const PAGE = new URL('../docs/frameworks.md', import.meta.url)
const BEGIN = '<!-- matrix -->\n'
const END = '<!-- end of matrix -->\n'

async function rowOf(framework: Framework, module: 'cjs' | 'mjs'): Promise<string> {
  const ends: (() => unknown)[] = []
  const t = { after: (end: () => unknown) => void ends.push(end) } as Parameters<typeof startServingApp>[0]
  try {
    const bare = await answersOfBare(t, framework, module)
    const app = await startServingApp(t, { app: frameworkScript(framework, module), args: [framework.app] })
    const answers = await answersOf(app.port, framework.requests)
    const outcomes = await outcomesOf(app, framework)
    const right = framework.requests.filter((each, at) => isDeepStrictEqual(outcomes[at], expectedOf(each))).length
    const equal = answers.filter((each, at) => isDeepStrictEqual(each, bare.answers[at])).length
    const total = framework.requests.length
    const format = module === 'cjs' ? 'CommonJS' : 'ESM'
    return `| ${framework.name} | ${format} | ${total} | ${right} | ${equal} |`
  } finally {
    for (const end of ends) await end()
  }
}

const rows: string[] = []
for (const framework of FRAMEWORKS) {
  for (const module of framework.modules) rows.push(await rowOf(framework, module))
}
const table = [
  `On ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}:`,
  '',
  '| framework | loaded as | requests | with the right route, name, exceptions and one span | answered as bare |',
  '| --- | --- | --- | --- | --- |',
  ...rows,
  '',
].join('\n')
const page = readFileSync(PAGE, 'utf8')
writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN) + BEGIN.length) + table + page.slice(page.indexOf(END)))
