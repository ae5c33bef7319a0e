/** A module of Nuxt 3 and 4, for its configuration: `modules: ['@paxx/obs/nuxt']`. It names the routes of pages and of the server. */
declare function nuxtModule(options: unknown, nuxt: { readonly options: object }): void
export = nuxtModule
