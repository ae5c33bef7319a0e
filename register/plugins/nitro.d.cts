/** A plugin of Nitro 2 and 3, for its configuration: `plugins: ['@paxx/obs/nitro']`. */
declare function nitroPlugin(nitroApp: { readonly hooks: object }): void
export = nitroPlugin
