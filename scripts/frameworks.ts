/**
 * `node scripts/frameworks.ts [name…]`: runs the framework matrix (`test/support/framework-matrix.ts`) bare and under
 * the preload, and writes the results into the rows of docs/frameworks.md. The packages are installed by `npm ci
 * --prefix test/matrix/frameworks`, and likewise in its folders `older` and `newer`.
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

const wanted = process.argv.slice(2)
const rows: string[] = []
for (const framework of FRAMEWORKS) {
  if (wanted.length > 0 && !wanted.some((each) => framework.name.startsWith(each))) continue
  for (const module of framework.modules) {
    // Tries again, because a busy machine may fail to start an app in time.
    rows.push(await rowOf(framework, module).catch(async () => await rowOf(framework, module)))
    console.log(rows.at(-1))
  }
}
const page = readFileSync(PAGE, 'utf8')
const known = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).split('\n')
const keyOf = (row: string): string => row.split(' | ', 2).join(' | ')
const byKey = new Map([...known, ...rows].filter((row) => / \| \d+ \|$/.test(row)).map((row) => [keyOf(row), row]))
const keys = FRAMEWORKS.flatMap(({ name, modules }) =>
  modules.map((module) => `| ${name} | ${module === 'cjs' ? 'CommonJS' : 'ESM'}`),
)
const table = [
  `On ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}:`,
  '',
  '| framework | loaded as | requests | with the right route, name, exceptions and one span | answered as bare |',
  '| --- | --- | --- | --- | --- |',
  ...keys.flatMap((key) => byKey.get(key) ?? []),
  '',
].join('\n')
writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN) + BEGIN.length) + table + page.slice(page.indexOf(END)))
