import type { Socket } from 'node:net'
import { endChild, spawnChild } from '../children.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import type { Service } from './service.ts'

/**
 * Starts librdkafka's test cluster, which is part of Debian's kcat: brokers that real clients produce to and consume
 * from.
 */
export async function startKafka(): Promise<Service | undefined> {
  const binary = findBinary('kcat')
  if (!binary) return unavailable('kcat')
  const args = ['-C', '-b', '127.0.0.1:1', '-X', 'test.mock.num.brokers=1', '-d', 'mock', '-t', 'keepalive', '-q']
  const server = spawnChild(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const port = await new Promise<number>((resolve, reject) => {
    let output = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /bootstrap\.servers=127\.0\.0\.1:(\d+)/.exec(output)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    server.once('exit', () => reject(new Error(`kcat ended\n${output}`)))
  })
  // A test that does not stop it must not hang.
  server.unref()
  ;(server.stderr as Socket | null)?.unref()
  return {
    host: '127.0.0.1',
    port,
    env: { KAFKA_BROKER: `127.0.0.1:${port}` },
    stop: () => endChild(server, 'SIGTERM'),
  }
}
