/** Returns a page that lists what is served here. It is self-contained and loads nothing. */
export function indexPage(serviceName: string | undefined): string {
  const title = escapeHtml(serviceName ?? 'Node.js process')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: telemetry</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}dt{font-weight:600}</style>
</head>
<body>
<h1>${title}</h1>
<dl>
<dt><a href="/metrics">/metrics</a></dt><dd>Metrics for Prometheus: text, OpenMetrics or protobuf, as the client accepts.</dd>
<dt><a href="/healthz">/healthz</a></dt><dd>Whether the process is alive and its event loop responsive.</dd>
<dt><a href="/readyz">/readyz</a></dt><dd>Whether the process wants traffic.</dd>
</dl>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
