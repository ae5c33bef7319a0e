import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestFleet } from '../support/fleet.ts'
import { edgeNodeVersions } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'

for (const { label, execPath } of edgeNodeVersions()) {
  test(`Node ${label}: spans have attributes of their process, and the service's metrics have no label for it`, async (t) => {
    const receiver = await OtlpReceiver.start(t)
    const fleet = await TestFleet.create(t, {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    })
    await fleet.start(['cluster', '2'], { execPath, preload: 'NODE_OPTIONS import' })
    await fleet.untilMembers(3)
    const workers = (): number[] => receiver.spans.map(({ resource }) => Number(resource['nodejs.cluster.worker.id']))
    while (!workers().includes(1) || !workers().includes(2)) {
      await fleet.load(4)
      await receiver.waitUntil(({ spans }) => spans.length > 0)
    }
    for (const attribute of ['process.pid', 'service.instance.id']) {
      assert.equal(new Set(receiver.spans.map(({ resource }) => resource[attribute])).size, 2, attribute)
    }
    await fleet.untilAllCounted()
    const { samples } = await fleet.scrape()
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
    for (const label of labels) assert.doesNotMatch(label, /pid|worker|instance_id/, label)
  })
}
