'use strict'
// Preloaded instead of this package: with any --import, Node.js starts the main file differently than without.
module.exports = {}
