import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import { answersOf, answersOfBare, expectedOf, outcomesOf } from '../support/framework-run.ts'
import { splitStderr } from '../support/own-lines.ts'
import { startServingApp } from '../support/serving-app.ts'

/**
 * Each framework answers under the preload as it does bare, and each request is one trace of one span, the SERVER span:
 *
 *     server GET /users/:id {/users/:id}
 */
for (const framework of FRAMEWORKS) {
  const { modules, tested = modules } = framework
  for (const module of process.env['OBS_TEST_MATRIX'] === 'all' ? modules : tested) {
    const title = `${framework.name}, ${module === 'cjs' ? 'CommonJS' : 'ESM'}`
    test(title, { skip: withoutFrameworks() }, async (t) => {
      const script = { app: frameworkScript(framework, module), args: [framework.app] }
      const [bare, app] = await Promise.all([answersOfBare(t, framework, module), startServingApp(t, script)])
      const answers = await answersOf(app.port, framework.requests)
      assert.deepEqual(answers, bare.answers)
      assert.deepEqual(
        answers.map(({ path, status }) => [path, status]),
        framework.requests.map(({ path, status }) => [path, status]),
      )
      assert.deepEqual(await outcomesOf(app, framework), framework.requests.map(expectedOf))
      assert.equal(app.process.stdout.replaceAll(VARYING, ''), bare.stdout.replaceAll(VARYING, ''))
      assert.deepEqual(splitStderr(app.process.stderr).app, splitStderr(bare.stderr).app)
    })
  }
}

/** The port, and how long each plugin of Fastify took to load. */
const VARYING = /listening \d+|\d+ ms/g
