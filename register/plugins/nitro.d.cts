/** A plugin of Nitro 2 and 3, for a file in the app's folder `plugins`: `export { default } from '@paxx/obs/nitro'`. */
declare function nitroPlugin(nitroApp: { readonly hooks: object }): void
export = nitroPlugin
