'use strict'
// The entry, shipped as written. It is loaded by --import, --require and NODE_OPTIONS into whatever node process starts
// there, so it parses on any Node (ES5) and cannot throw. All that can be decided is decided in dist/start.cjs.
var MINIMUM_MAJOR = 22
var MINIMUM_MINOR = 15
var KEY = Symbol.for('@paxx/obs')

// The two switches in the environment, so that a process that is switched off loads no file but this; all else about them
// (other ways to write them, .env) is in src/base/switches.ts.
function isSwitchedOff(env) {
  return /^true$/i.test(env.OTEL_SDK_DISABLED || '') || /^(false|0|no|off)$/i.test(env.METRICS_ENABLED || '')
}

function say(line) {
  try {
    require('fs').writeSync(2, '@paxx/obs: ' + String(line).replace(/\s+/g, ' ') + '\n')
  } catch (_) {
    // stderr is closed or full: nowhere else to speak
  }
}

try {
  var version = process.versions.node.split('.').map(Number)
  if (version[0] < MINIMUM_MAJOR || (version[0] === MINIMUM_MAJOR && version[1] < MINIMUM_MINOR)) {
    say('Node.js ' + process.versions.node + ' is older than 22.15; no telemetry, the app runs without it')
    // oxlint-disable-next-line node/no-process-env -- see above
  } else if (globalThis[KEY] === undefined && !isSwitchedOff(process.env)) {
    // Once a thread, however often the flag is given and however many copies are installed.
    Object.defineProperty(globalThis, KEY, { value: {}, enumerable: false })
    // oxlint-disable-next-line node/no-process-env -- see above
    require('../dist/loader.cjs').loadAndStart(globalThis[KEY], process.env)
    // oxlint-disable-next-line node/no-process-env -- see above
  } else if ((process.execArgv + process.env.NODE_OPTIONS).indexOf('@paxx/obs/register') !== -1) {
    // Switched off or started already; what it starts elsewhere still has to find the flag's file.
    require('../dist/start.cjs').stayOut()
  }
} catch (thrown) {
  say('could not start (' + ((thrown && thrown.message) || thrown) + '); the app runs without telemetry')
}
