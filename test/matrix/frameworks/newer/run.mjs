import { serve } from '../serve.mjs'

await serve(async (name) => {
  const exports = await import(name)
  return exports.default ?? exports
}, (name) => import(name))
