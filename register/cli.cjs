#!/usr/bin/env node
'use strict'
// The entry of the command line, shipped as written. It parses on any version of Node.js (ES5), so that an old one
// prints a message and not a stack.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 15)) {
  process.stderr.write('paxx-obs: needs Node.js 22.15 or newer, this is ' + process.versions.node + '\n')
  process.exitCode = 1
} else {
  require('../dist/cli.cjs').main(process.argv.slice(2))
}
