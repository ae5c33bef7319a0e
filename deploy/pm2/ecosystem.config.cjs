// pm2 start ecosystem.config.cjs
module.exports = {
  apps: [
    {
      name: 'shop',
      script: 'app.js',
      exec_mode: 'cluster',
      instances: 2,
      // Not NODE_OPTIONS in env: a cluster's workers start before PM2 gives them what is there. And not by name alone: that
      // would be looked for where PM2's daemon was started.
      node_args: ['--import', require.resolve('@paxx/obs/register')],
      env: {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317',
        // Shared by all processes.
        OTEL_EXPORTER_PROMETHEUS_PORT: 9464,
      },
      // Longer than the app's own end and OBS_SIGNAL_FLUSH_TIMEOUT together.
      kill_timeout: 10_000,
    },
  ],
}
