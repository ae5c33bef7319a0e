import { type PatchSet, replaced } from './text-patch.ts'

export const EXPORTER_PROMETHEUS: PatchSet = {
  reason:
    'It creates a server that is never started, which loads node:http into scripts that do not use it, and a serialiser in whose place our exposition prints.',
  upstream: 'https://github.com/open-telemetry/opentelemetry-js/pull/3481 (review of 2022-12-14 asks for the same)',
  test: 'test/e2e/start-size.test.ts',
  patches: [
    replaced(
      'exporter-prometheus/dist/PrometheusExporter.mjs',
      'this._server = createServer(this._requestHandler).unref();',
      '',
    ),
    replaced('exporter-prometheus/dist/PrometheusExporter.mjs', 'import { createServer } from "http";', ''),
    replaced(
      'exporter-prometheus/dist/PrometheusExporter.mjs',
      'this._serializer = new PrometheusSerializer(this._prefix, this._appendTimestamp, _withResourceConstantLabels, _withoutTargetInfo, _withoutScopeInfo);',
      '',
    ),
    replaced(
      'exporter-prometheus/dist/PrometheusExporter.mjs',
      'import { PrometheusSerializer } from "./PrometheusSerializer.mjs";',
      '',
    ),
  ],
}
