import { createRequire } from 'node:module'
import { join } from 'node:path'
import { reasonOf } from '../../base/diag.ts'
import { supportsSyncLoadHooks } from '../../base/facts.ts'
import { readTextFile } from '../../base/environment.ts'
import { VERSION } from '../../base/version.ts'
import type { AppFacts } from './app.ts'
import { type Check, fact, ok, problem, warning } from './check.ts'
import { needsRequireFlag, PRELOAD } from '../init/start-script.ts'
import { isHiddenByPlugnplay } from './installed.ts'

const BY_IMPORT = /--import[\s=]+["']?[^\s"']*@paxx\/obs\/register/

/** Checks Node.js, the package, and how the preload would be loaded into the app's process. */
export function loadingChecks(app: AppFacts, nodeOptions: string | undefined): readonly Check[] {
  return [nodeCheck(process.versions.node), packageCheck(app), ...flagChecks(app, nodeOptions)]
}

function nodeCheck(version: string): Check {
  const way = supportsSyncLoadHooks(version)
    ? "in the app's thread"
    : "in node's hooks thread, which this version needs"
  return ok('node', `Node.js ${version}; ES modules are hooked ${way}`)
}

function packageCheck({ folder, manifest, manifestFault }: AppFacts): Check {
  if (manifest === undefined) {
    return problem('package', manifestFault ?? 'no package.json', "run it in the folder of the app's package")
  }
  if (isHiddenByPlugnplay(folder)) {
    return problem('package', "this project uses Yarn Plug'n'Play", 'run it with Yarn: yarn paxx-obs doctor')
  }
  const inDevelopment = manifest.devDependencies['@paxx/obs'] !== undefined
  try {
    const path = createRequire(join(folder, 'package.json')).resolve(PRELOAD)
    const { version } = JSON.parse(readTextFile(join(path, '..', '..', 'package.json')) ?? '{}') as { version?: string }
    if (inDevelopment) {
      return warning(
        'package',
        `@paxx/obs ${version} is among the devDependencies`,
        'a production install omits it: move it to dependencies',
      )
    }
    const other = version === VERSION ? '' : ` (this command is ${VERSION})`
    return ok('package', `@paxx/obs ${version} resolves from here${other}`)
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
    const text = isMissing ? '@paxx/obs does not resolve from here' : `@paxx/obs does not resolve (${reasonOf(thrown)})`
    return problem('package', text, 'npm install @paxx/obs')
  }
}

function flagChecks({ manifest }: AppFacts, nodeOptions: string | undefined): readonly Check[] {
  const ways: Check[] = []
  if (nodeOptions?.includes(PRELOAD) === true) ways.push(ok('flag', 'NODE_OPTIONS loads the preload'))
  for (const [name, script] of Object.entries(manifest?.scripts ?? {})) {
    if (!script.includes(PRELOAD)) continue
    ways.push(
      BY_IMPORT.test(script) && needsRequireFlag(script)
        ? problem(
            'flag',
            `the script "${name}" loads the preload by --import, which keeps its compiler from seeing the main script`,
            `use --require ${PRELOAD}`,
          )
        : ok('flag', `the script "${name}" loads the preload`),
    )
  }
  if (ways.length === 0) {
    ways.push(
      warning(
        'flag',
        'neither a script in package.json nor NODE_OPTIONS loads the preload',
        `node --import ${PRELOAD} <file>, or paxx-obs init`,
      ),
    )
  }
  if (nodeOptions !== undefined && nodeOptions !== '') ways.push(fact('NODE_OPTIONS', `NODE_OPTIONS is ${nodeOptions}`))
  return ways
}
