interface ListedPath {
  readonly path: string
  readonly description: string
}

/** Returns a page that lists what is served here. It is self-contained and loads nothing. */
export function indexPage(serviceName: string | undefined, listed: readonly ListedPath[]): string {
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
${listed.map(({ path, description }) => `<dt><a href="${path}">${path}</a></dt><dd>${description}</dd>`).join('\n')}
</dl>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
