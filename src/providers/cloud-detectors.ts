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
import type { CloudAttributes } from './cloud.ts'

/** The detectors for each name of upstream's list. */
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

/**
 * Runs all detectors at once and calls `report` with the attributes of each when it answers. A detector of another
 * cloud has no attributes.
 */
export async function askCloud(name: CloudDetector, report: (found: CloudAttributes) => void): Promise<void> {
  await Promise.all(DETECTORS[name].map(async (detector) => report(await attributesOf(detector))))
}

async function attributesOf(detector: ResourceDetector): Promise<CloudAttributes> {
  const known: Record<string, string | number | boolean> = {}
  try {
    const { attributes = {} } = await detector.detect()
    for (const [name, given] of Object.entries(attributes)) {
      const value = await given
      if (typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '')) {
        known[name] = value
      }
    }
  } catch {
    // Not on this cloud, which is the usual result.
  }
  return known
}
