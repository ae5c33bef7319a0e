/** A plugin of Nitro 2 and 3, for a file in the app's `plugins` folder: `export { default } from '@paxx/obs/nitro'`. */
declare function nitroPlugin(nitroApp: { readonly hooks: object }): void
export = nitroPlugin
