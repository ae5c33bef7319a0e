/**
 * Imported by the wrappers of import-in-the-middle by URL. It shares its state with the hooks of the instrumentations.
 */
export { ModuleBinder, register } from 'import-in-the-middle/lib/register.js'
