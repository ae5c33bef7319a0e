// pm2 start ecosystem.config.cjs
module.exports = {
  apps: [
    {
      name: 'shop',
      script: 'app.js',
      // A cluster's workers start before PM2 gives them what is in env: there the flag goes into node_args.
      exec_mode: 'fork',
      instances: 2,
      env: {
        NODE_OPTIONS: '--import @paxx/obs/register',
        OTEL_SERVICE_NAME: 'shop',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317',
        OTEL_EXPORTER_PROMETHEUS_PORT: 9464,
      },
      // The second process has its side port at 9465, and so on.
      increment_var: 'OTEL_EXPORTER_PROMETHEUS_PORT',
      // Longer than the app's own end and OBS_SIGNAL_FLUSH_TIMEOUT together.
      kill_timeout: 10_000,
    },
  ],
}
