export default defineEventHandler(async ({ node: { res } }) => {
  res.write('a')
  await new Promise((resolve) => setTimeout(resolve, 20))
  res.end('b')
})
