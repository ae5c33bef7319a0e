/** The configuration for the Prometheus in the compose file. The rules next to it are those of this package. */
export const PROMETHEUS_CONFIGURATION = `\
global:
  scrape_interval: 15s
  evaluation_interval: 15s

rule_files: [rules.yml]

scrape_configs:
  - job_name: app
    static_configs:
      # The app outside of compose. A service of the compose file is <service>:9464.
      - targets: ["host.docker.internal:9464"]
`
