export default defineEventHandler(() => new Promise(() => {}))
