'use strict'
// The entry of the preload, shipped as written. It is loaded by --import, --require and NODE_OPTIONS into any Node.js
// process, so it parses on any version (ES5) and cannot throw. Every decision that can wait is made in dist/start.cjs.
var MINIMUM_MAJOR = 22
var MINIMUM_MINOR = 15
var KEY = Symbol.for('@paxx/obs')

// Checks the two switches in the environment, so that a process that is switched off loads no other file. Other
// spellings and .env are handled in src/base/switches.ts.
function isSwitchedOff(env) {
  return /^true$/i.test(env.OTEL_SDK_DISABLED || '') || /^(false|0|no|off)$/i.test(env.METRICS_ENABLED || '')
}

function say(line) {
  try {
    require('fs').writeSync(2, '@paxx/obs: ' + String(line).replace(/\s+/g, ' ') + '\n')
  } catch (_) {
    // stderr is closed or full, and there is nowhere else to log
  }
}

try {
  var version = process.versions.node.split('.').map(Number)
  if (version[0] < MINIMUM_MAJOR || (version[0] === MINIMUM_MAJOR && version[1] < MINIMUM_MINOR)) {
    say('Node.js ' + process.versions.node + ' is older than 22.15; no telemetry, the app runs without it')
    // oxlint-disable-next-line node/no-process-env -- see above
  } else if (globalThis[KEY] === undefined && !isSwitchedOff(process.env)) {
    // Runs once per thread, however often the flag is given and however many copies are installed.
    Object.defineProperty(globalThis, KEY, { value: {}, enumerable: false })
    require('../dist/start.cjs').start(globalThis[KEY])
    // oxlint-disable-next-line node/no-process-env -- see above
  } else if ((process.execArgv + process.env.NODE_OPTIONS).indexOf('@paxx/obs/register') !== -1) {
    // Switched off or already started. Children in other folders still have to find the preload.
    require('../dist/start.cjs').doNotStart()
  }
} catch (thrown) {
  say('could not start (' + ((thrown && thrown.message) || thrown) + '); the app runs without telemetry')
}
