// A client of Lambda's runtime API, like the one of its own runtime: loads the handler, asks for events and answers them.
// Its argument says how the handler is loaded: require or import.
const http = require('node:http')
const path = require('node:path')
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')

function call(method, at, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime${at}` }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ headers: response.headers, text }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function main() {
  const [name, ...names] = process.env._HANDLER.split('.')
  const file = path.join(process.env.LAMBDA_TASK_ROOT, name)
  const exported = process.argv[2] === 'import' ? await import(`${file}.mjs`) : require(file)
  const handler = names.reduce((holder, key) => holder[key], exported)
  for (;;) {
    const { headers, text } = await call('GET', '/invocation/next')
    const id = headers['lambda-runtime-aws-request-id']
    const context = {
      awsRequestId: id,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
      getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
    }
    try {
      const result = await handler(JSON.parse(text), context)
      await call('POST', `/invocation/${id}/response`, JSON.stringify(result))
    } catch (error) {
      await call('POST', `/invocation/${id}/error`, JSON.stringify({ errorMessage: error.message }))
    }
  }
}

main()
