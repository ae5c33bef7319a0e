#!/usr/bin/env node
'use strict'
// The command line's entry, shipped as written: it parses on any Node (ES5), so that an old one gets a line and no stack.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 15)) {
  process.stderr.write('paxx-obs: needs Node.js 22.15 or newer, this is ' + process.versions.node + '\n')
  process.exitCode = 1
} else {
  require('../dist/cli.cjs').main(process.argv.slice(2))
}
