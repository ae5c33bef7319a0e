import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { CURRENT_NODE, edgeNodeVersions } from '../support/matrix.ts'
import { TestFleet } from '../support/fleet.ts'

/** One service, several processes: one scrape has the metrics of all of them, whichever of them ends, in whatever way. */

interface Topology {
  readonly label: string
  /** The command sent to each process after its start. */
  readonly starts: readonly (readonly string[])[]
  /** Processes of the service, those that serve nothing included. */
  readonly members: number
  /** Nobody starts one again that is killed. */
  readonly unsupervised?: true
}

const TOPOLOGIES: readonly Topology[] = [
  { label: 'three processes', starts: [['server'], ['server'], ['server']], members: 3, unsupervised: true },
  { label: 'a cluster of three', starts: [['cluster', '3']], members: 4 },
  { label: 'two forked children', starts: [['fork', '2']], members: 3 },
  {
    label: 'two clusters',
    starts: [
      ['cluster', '2'],
      ['cluster', '2'],
    ],
    members: 6,
  },
]

async function countsAll(t: TestContext, { starts, members, unsupervised }: Topology, execPath: string): Promise<void> {
  const fleet = await TestFleet.create(t)
  const options = { execPath, preload: 'NODE_OPTIONS import' } as const
  for (const shape of starts) await fleet.start(shape, options)
  await fleet.untilMembers(members)
  await fleet.load(24)
  await fleet.untilAllCounted()
  const oldest = [...fleet.pids].toSorted((a, b) => a - b).slice(0, execPath === CURRENT_NODE.execPath ? 2 : 1)
  for (const pid of oldest) {
    process.kill(pid, 'SIGKILL')
    if (unsupervised) await fleet.start(['server'], options)
    await fleet.untilAllCounted()
    await fleet.untilMembers(members)
    await fleet.load(6)
    await fleet.untilAllCounted()
  }
}

for (const { label: version, execPath } of edgeNodeVersions()) {
  test(
    `Node ${version}: one scrape counts every request, whichever process is killed`,
    { concurrency: 3 },
    async (t) => {
      // Versions differ in how workers of a cluster share a port.
      const isCurrent = execPath === CURRENT_NODE.execPath
      const topologies = isCurrent ? TOPOLOGIES : TOPOLOGIES.filter(({ label }) => label === 'a cluster of three')
      await Promise.all(topologies.map((each) => t.test(each.label, (row) => countsAll(row, each, execPath))))
    },
  )
}
