'use strict'
// Preloaded where this package is not: a process with any --import starts its main file in another way than one without.
module.exports = {}
