import { type Patch, replaced } from './text-patch.ts'

const EXPORTER = 'exporter-prometheus/dist/PrometheusExporter.mjs'

export const EXPORTER_PROMETHEUS: readonly Patch[] = [
  {
    name: 'exporter-prometheus: server and serialiser',
    reason:
      'It creates a server that is never started, which loads node:http into scripts that do not use it, and a serialiser in whose place our exposition prints.',
    upstream: 'https://github.com/open-telemetry/opentelemetry-js/pull/3481 (review of 2022-12-14 asks for the same)',
    test: 'test/package/chunk-modules.test.ts',
    changes: [
      replaced(EXPORTER, 'this._server = createServer(this._requestHandler).unref();', ''),
      replaced(EXPORTER, 'import { createServer } from "http";', ''),
      replaced(
        EXPORTER,
        'this._serializer = new PrometheusSerializer(this._prefix, this._appendTimestamp, _withResourceConstantLabels, _withoutTargetInfo, _withoutScopeInfo);',
        '',
      ),
      replaced(EXPORTER, 'import { PrometheusSerializer } from "./PrometheusSerializer.mjs";', ''),
    ],
  },
]
