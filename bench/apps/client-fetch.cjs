const { repeat } = require('./client.cjs')

repeat(async (port) => {
  const response = await fetch(`http://127.0.0.1:${port}/users/7`)
  await response.text()
})
