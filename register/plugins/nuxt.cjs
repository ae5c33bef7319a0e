'use strict'

const { join } = require('node:path')

/** A module of Nuxt 3 and 4, for its configuration: `modules: ['@paxx/obs/nuxt']`. It names the routes of pages and of the server. */
module.exports = function nuxtModule(_options, { options }) {
  options.nitro ??= {}
  options.nitro.plugins = [...(options.nitro.plugins ?? []), join(__dirname, 'nitro.cjs')]
  options.plugins.push({ src: join(__dirname, 'nuxt-pages.mjs'), mode: 'server' })
}
