import http from 'node:http'
import { context } from '@opentelemetry/api'

/** Registers a context manager of the kind that the first argument names, then serves requests without using the API. */
const fail = () => {
  throw new Error('of the app')
}
const passes = { with: (_, work, self, ...args) => work.apply(self, args), bind: (_, target) => target }
const useless = { ...passes, enable: fail, disable: fail }
const ODD_CONTEXT = { getValue: fail, setValue: fail, deleteValue: fail }
const MANAGERS = {
  throws: { active: fail, with: fail, bind: fail, enable: fail, disable: fail, attach: fail, enter: fail },
  'returns null': { ...useless, active: () => null },
  'returns a context that throws': { ...useless, active: () => ODD_CONTEXT },
}
context.setGlobalContextManager(MANAGERS[process.argv[2]])

let answered = 0
const server = http
  .createServer((_, response) => response.end('x'))
  .listen(0, '127.0.0.1', async () => {
    const url = `http://127.0.0.1:${server.address().port}/`
    for (let i = 0; i < 2; i++) {
      await fetch(url).then((response) => response.text())
      await new Promise((resolve) => http.get(url, (response) => response.resume().on('end', resolve)))
      answered += 2
    }
    console.log(answered)
    server.close()
    server.closeAllConnections()
    if (process.argv[3] === 'crash') fail()
  })
