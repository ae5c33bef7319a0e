export default defineEventHandler((event) => {
  if (event.path.startsWith('/early')) return 'early'
})
