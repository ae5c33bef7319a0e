import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import { answersOf } from '../support/framework-run.ts'
import { eventually } from '../support/eventually.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

/** By the method, the protocol and what it is asked for: the status of the call, of HTTP, and the one that is counted. */
const CALLS = {
  'Get application/json 7': ['connectrpc', 'ok', 200, '200'],
  'Get application/json 404': ['connectrpc', 'not_found', 404, '404'],
  'Get application/json 500': ['connectrpc', 'internal', 500, '500'],
  'Get application/json 503': ['connectrpc', 'unavailable', 503, '503'],
  'Missing application/json 7': ['connectrpc', 'unimplemented', 501, '501'],
  'List application/connect+json 7': ['connectrpc', 'ok', 200, '200'],
  'List application/connect+json 404': ['connectrpc', 'not_found', 200, '200'],
  'List application/connect+json 500': ['connectrpc', 'internal', 200, '500'],
  'List application/connect+json 1000': ['connectrpc', 'internal', 200, '500'],
  'Get application/grpc-web+json 500': ['grpc', 'INTERNAL', 200, '500'],
  'List application/grpc-web+json 7': ['grpc', 'OK', 200, '200'],
} as const

test('a Connect-RPC call has the status of its protocol', { skip: withoutFrameworks() }, async (t) => {
  const framework = FRAMEWORKS.find(({ name }) => name === 'Connect-RPC 2') ?? assert.fail()
  const app = await startServingApp(t, { app: frameworkScript(framework, 'mjs'), args: [framework.app] })
  const requests = Object.keys(CALLS).map((call) => {
    const [method, type, id] = call.split(' ')
    const path = `/shop.Shop/${method}`
    const isAsked = ({ path: each, headers, body = '' }: (typeof framework.requests)[number]): boolean =>
      each === path && headers?.['content-type'] === type && body.includes(`"id":${id}}`)
    return framework.requests.find(isAsked) ?? assert.fail(call)
  })
  await answersOf(app.port, requests)
  const spans = await app.receiver.waitForSpans((all) => all.length >= requests.length)
  const seen = spans
    .toSorted((a, b) => Number(a.startNanos - b.startNanos))
    .map(({ attributes, status }) => [
      attributes['rpc.method'],
      attributes['rpc.system.name'],
      attributes['rpc.status_code'],
      attributes['http.response.status_code'],
      status,
    ])
  const expected = Object.entries(CALLS).map(([call, [system, code, status, counted]]) => {
    const isError = Number(counted) >= 500
    return [`shop.Shop/${call.split(' ', 1)[0]}`, system, code, status, isError ? 'error' : 'unset']
  })
  assert.deepEqual(seen, expected)

  await eventually(async () => (await scrape(app.sidePort)).sum('http_requests_total') === requests.length)
  const metrics = await scrape(app.sidePort)
  for (const [, [system, code, , status]] of Object.entries(CALLS)) {
    const same = Object.values(CALLS).filter((each) => each[3] === status).length
    assert.equal(metrics.sum('http_requests_total', { status }), same, status)
    const calls = Object.values(CALLS).filter((each) => each[0] === system && each[1] === code).length
    const labels = { rpc_system_name: system, rpc_status_code: code }
    assert.equal(metrics.sum('rpc_server_call_duration_seconds_count', labels), calls, code)
  }
})
