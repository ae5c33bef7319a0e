/** What import-in-the-middle's wrappers import by URL; it shares its state with the hooks of the instrumentations. */
export { ModuleBinder, register } from 'import-in-the-middle/lib/register.js'
