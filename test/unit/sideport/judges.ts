import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBinary } from '../../support/services/find-binary.ts'
import { unavailable } from '../../support/services/service.ts'

/** Parsers that are not ours: undefined when the text is valid, else what they say. */
export type Judge = (text: string) => string | undefined

/** Prometheus' own command (Debian package `prometheus`), for text 0.0.4. Its style hints are no errors. */
export function promtool(): Judge | undefined {
  const binary = findBinary('promtool')
  if (binary === undefined) return unavailable('promtool')
  return (text) => {
    const { status, stderr, stdout } = spawnSync(binary, ['check', 'metrics'], { input: text, encoding: 'utf8' })
    return status === 0 || status === 3 ? undefined : `${stdout}${stderr}`
  }
}

const PARSE = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = open(sys.argv[1], encoding="utf-8", newline="").read()
print(len(list(text_string_to_metric_families(text))))
`

/** The reference implementation's strict parser (Debian package `python3-prometheus-client`), for OpenMetrics. */
export function openMetricsParser(): Judge | undefined {
  // Debian's own Python: another one in PATH does not see Debian's packages.
  const binary = '/usr/bin/python3'
  const probe = spawnSync(binary, ['-c', 'import prometheus_client.openmetrics.parser'])
  if (probe.status !== 0) return unavailable('python3-prometheus-client')
  return (text) => {
    const file = join(tmpdir(), `obs-openmetrics-${process.pid}.txt`)
    writeFileSync(file, text)
    const { status, stderr } = spawnSync(binary, ['-c', PARSE, file], { encoding: 'utf8' })
    return status === 0 ? undefined : stderr
  }
}
