import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { routePluginChecks } from '../../../../src/cli/doctor/route-plugins.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test("the plugin for a framework's routes is reported as missing until a file uses it", (t) => {
  const folder = temporaryFolder(t, 'route-plugins')
  const manifest = { scripts: {}, dependencies: { astro: '6' }, devDependencies: { '@sveltejs/kit': '2', vite: '7' } }
  const statuses = (): string[] =>
    routePluginChecks({ folder, manifest, manifestFault: undefined, mainFile: undefined }).map(
      ({ status, text }) => `${status} ${text.split(' ', 1).join()}`,
    )
  assert.deepEqual(statuses(), ['info @sveltejs/kit', 'info astro'])
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/hooks.server.ts'), `export { handle } from '@paxx/obs/sveltekit'`)
  assert.deepEqual(statuses(), ['ok @sveltejs/kit', 'info astro'])
})
