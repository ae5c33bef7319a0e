import { parentPort, workerData } from 'node:worker_threads'
import type { CloudDetector } from '../settings/settings.ts'
import type { CloudFound } from './cloud.ts'
import { askCloud } from './cloud-detectors.ts'

/** The worker that asks the metadata services. It exits when all have answered. */
for (const detector of workerData as readonly CloudDetector[]) {
  void askCloud(detector, (attributes) => {
    const found: CloudFound = { detector, attributes }
    parentPort?.postMessage(found, [])
  })
}
