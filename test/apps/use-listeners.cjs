// Tells what a preload could have left behind in the process.
const { builtinModules } = require('node:module')
console.log(
  JSON.stringify({
    env: Object.keys(process.env).sort(),
    argv: process.argv.slice(2),
    execArgv: process.execArgv,
    listeners: Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
    handles: process.getActiveResourcesInfo(),
    modules: Object.keys(require.cache).length,
    builtins: builtinModules.length,
  }),
)
