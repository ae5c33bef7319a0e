import { request } from 'node:http'

/** Asks a server of the scenario and gives status, body and the headers that do not change from run to run. */
export function ask(port, path, { method = 'GET', body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => {
        const { date, 'request-id': id, 'response-time': time, ...others } = response.headers
        resolve({ status: response.statusCode, headers: others, text: text.replace(/at .*/gs, 'at …') })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
