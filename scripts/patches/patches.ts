import { API } from './api.ts'
import { SDK_METRICS } from './sdk-metrics.ts'
import { SDK_TRACE } from './sdk-trace.ts'
import { CONFIGURATION } from './configuration.ts'
import { CORE } from './core.ts'
import { RESOURCES } from './resources.ts'
import { OTLP_TRANSFORMER } from './otlp-transformer.ts'
import { EXPORTER_PROMETHEUS } from './exporter-prometheus.ts'
import { EXPORTER_ZIPKIN } from './exporter-zipkin.ts'
import { IMPORT_IN_THE_MIDDLE } from './import-in-the-middle.ts'
import { INSTRUMENTATION } from './instrumentation.ts'
import { INSTRUMENTATION_AWS_SDK } from './instrumentation-aws-sdk.ts'
import { INSTRUMENTATION_BUNYAN } from './instrumentation-bunyan.ts'
import { INSTRUMENTATION_TEDIOUS } from './instrumentation-tedious.ts'
import { INSTRUMENTATION_DNS } from './instrumentation-dns.ts'
import { INSTRUMENTATION_NET } from './instrumentation-net.ts'
import { INSTRUMENTATION_GRPC } from './instrumentation-grpc.ts'
import { INSTRUMENTATION_OPENAI } from './instrumentation-openai.ts'
import { INSTRUMENTATION_PINO } from './instrumentation-pino.ts'
import { INSTRUMENTATION_ORACLEDB } from './instrumentation-oracledb.ts'
import { INSTRUMENTATION_RUNTIME_NODE } from './instrumentation-runtime-node.ts'
import { WINSTON } from './winston.ts'
import type { Patch } from './text-patch.ts'

/**
 * All changes to the text of dependencies, one file per package. A patch is the last resort: if it grows, an
 * instrumentation of our own replaces the package. A test verifies that each gives its reason, links its report and
 * names its test; `scripts/unpatched.ts` verifies that the test fails without it.
 */
export const PATCHES: readonly Patch[] = [
  ...API,
  ...SDK_TRACE,
  ...SDK_METRICS,
  ...CONFIGURATION,
  ...CORE,
  ...RESOURCES,
  ...OTLP_TRANSFORMER,
  ...EXPORTER_PROMETHEUS,
  ...EXPORTER_ZIPKIN,
  ...IMPORT_IN_THE_MIDDLE,
  ...INSTRUMENTATION,
  ...INSTRUMENTATION_AWS_SDK,
  ...INSTRUMENTATION_BUNYAN,
  ...INSTRUMENTATION_TEDIOUS,
  ...INSTRUMENTATION_DNS,
  ...INSTRUMENTATION_NET,
  ...INSTRUMENTATION_GRPC,
  ...INSTRUMENTATION_OPENAI,
  ...INSTRUMENTATION_PINO,
  ...INSTRUMENTATION_ORACLEDB,
  ...INSTRUMENTATION_RUNTIME_NODE,
  ...WINSTON,
]
