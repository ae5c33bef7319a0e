import { parentPort, workerData } from 'node:worker_threads'
import type { ResourceDetector } from '@opentelemetry/resources'
import { alibabaCloudEcsDetector } from '@opentelemetry/resource-detector-alibaba-cloud'
import {
  awsBeanstalkDetector,
  awsEc2Detector,
  awsEcsDetector,
  awsEksDetector,
  awsLambdaDetector,
} from '@opentelemetry/resource-detector-aws'
import {
  azureAksDetector,
  azureAppServiceDetector,
  azureContainerAppsDetector,
  azureFunctionsDetector,
  azureVmDetector,
} from '@opentelemetry/resource-detector-azure'
import { gcpDetector } from '@opentelemetry/resource-detector-gcp'
import type { CloudDetector } from '../settings/settings.ts'
import type { CloudFound } from './cloud.ts'

/** Upstream's set by the names of its list. */
const DETECTORS: Readonly<Record<CloudDetector, readonly ResourceDetector[]>> = {
  alibaba: [alibabaCloudEcsDetector],
  aws: [awsEc2Detector, awsEcsDetector, awsEksDetector, awsBeanstalkDetector, awsLambdaDetector],
  azure: [
    azureAppServiceDetector,
    azureFunctionsDetector,
    azureContainerAppsDetector,
    azureAksDetector,
    azureVmDetector,
  ],
  gcp: [gcpDetector],
}

for (const detector of workerData as readonly CloudDetector[]) {
  for (const each of DETECTORS[detector]) void detect(detector, each)
}

async function detect(detector: CloudDetector, asked: ResourceDetector): Promise<void> {
  const attributes: Record<string, unknown> = {}
  try {
    const { attributes: found = {} } = await asked.detect()
    for (const [name, value] of Object.entries(found)) attributes[name] = await value
  } catch {
    // It is not there, which is what most of them find out.
  }
  const known = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== '')
  const message = { detector, attributes: Object.fromEntries(known) } as CloudFound
  parentPort?.postMessage(message, [])
}
