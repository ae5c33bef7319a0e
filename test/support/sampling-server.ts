import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js'
import protobuf from 'protobufjs'

/** The part of jaeger-idl's api_v2/sampling.proto that is used here. */
const SCHEMA = `
syntax = "proto3";
message Parameters { string serviceName = 1; }
message Probabilistic { double samplingRate = 1; }
message RateLimiting { int32 maxTracesPerSecond = 1; }
message Operation { string operation = 1; Probabilistic probabilisticSampling = 2; }
message Operations {
  double defaultSamplingProbability = 1; double defaultLowerBoundTracesPerSecond = 2; repeated Operation perOperationStrategies = 3;
}
message Answer {
  int32 strategyType = 1; Probabilistic probabilisticSampling = 2; RateLimiting rateLimitingSampling = 3; Operations operationSampling = 4;
}`
const { root } = protobuf.parse(SCHEMA)
const PARAMETERS = root.lookupType('Parameters')
export const STRATEGY_ANSWER: protobuf.Type = root.lookupType('Answer')

/** Returns the strategy for a service. */
export type Answer = (serviceName: string) => object

/** Starts a sampling server like Jaeger's. Returns its gRPC and HTTP addresses. */
export async function startSamplingServer(t: TestContext, answer: Answer): Promise<{ grpc: string; http: string }> {
  const server = new Server()
  const handle: handleUnaryCall<string, object> = (call, done) => done(null, answer(call.request))
  const method = {
    path: '/jaeger.api_v2.SamplingManager/GetSamplingStrategy',
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes: Buffer) => (PARAMETERS.decode(bytes) as unknown as { serviceName: string }).serviceName,
    responseSerialize: (message: object) =>
      Buffer.from(STRATEGY_ANSWER.encode(STRATEGY_ANSWER.fromObject(message)).finish()),
    responseDeserialize: (bytes: Buffer) => bytes,
  } as const
  server.addService({ GetSamplingStrategy: method }, { GetSamplingStrategy: handle })
  const grpcPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
  const web = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    response.end(JSON.stringify(answer(searchParams.get('service') ?? '')))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.forceShutdown()
    web.closeAllConnections()
    web.close()
  })
  const { port } = web.address() as AddressInfo
  return { grpc: `http://127.0.0.1:${grpcPort}`, http: `http://127.0.0.1:${port}/sampling` }
}
