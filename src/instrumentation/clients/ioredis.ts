import { watchedMember } from '../pools/watched-class.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

/** A connection to each node, shared by all who send commands: one with commands under way is in use. */
const IOREDIS_CLUSTER: PoolReader = {
  packageName: 'ioredis',
  files: ['ioredis/built/cluster/index.js'],
  create: watchedMember('default'),
  read(cluster) {
    if (cluster.status === 'end') return undefined
    const nodes: any[] = cluster.nodes()
    const open = nodes.filter(({ status }) => status === 'ready')
    const used = open.filter(({ commandQueue }) => commandQueue.length > 0).length
    const pending = nodes.reduce((sum, { offlineQueue }) => sum + offlineQueue.length, cluster.offlineQueue.length)
    return { name: placeOfNode(cluster.startupNodes[0]), used, idle: open.length - used, pending }
  },
}

export const client: Client = {
  operations: { requiresParentSpan: true, leftOut: new Set(['connect']) },
  pools: [IOREDIS_CLUSTER],
}

/** As the app names one: a port, an object or a URL, whose credentials are not shown. */
function placeOfNode(node: any): string {
  if (typeof node === 'number') return `127.0.0.1:${node}`
  if (typeof node === 'object') return `${node.host ?? '127.0.0.1'}:${node.port ?? 6379}`
  const { hostname, port } = new URL(/^rediss?:/.test(node) ? node : `redis://${node}`)
  return `${hostname}:${port || 6379}`
}
