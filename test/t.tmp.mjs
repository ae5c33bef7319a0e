import express from 'express'
import http from 'node:http'
const app = express()
app.get('/users/:id', async (req, res) => {
  const r = await fetch('http://127.0.0.1:' + server.address().port + '/inner')
  res.json(await r.json())
})
app.get('/inner', (q, r) => r.json({ ok: 1 }))
const server = app.listen(0, () => {
  http.get('http://127.0.0.1:' + server.address().port + '/users/7', async (r) => {
    r.resume()
    r.on('end', async () => {
      console.log(r.statusCode)
      await new Promise((r) => setTimeout(r, 100))
      const m = await fetch('http://localhost:9464/metrics')
      console.log(
        (await m.text())
          .split('\n')
          .filter((l) => /http_.*count/.test(l))
          .join('\n'),
      )
      server.close()
      server.closeAllConnections?.()
    })
  })
})
