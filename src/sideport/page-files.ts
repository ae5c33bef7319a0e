import type { ServerResponse } from 'node:http'

/** Sends one of the files that the build writes to `dist/page/`. */
export async function sendFile(response: ServerResponse, name: string, contentType: string): Promise<void> {
  const { readFile } = process.getBuiltinModule('node:fs/promises')
  const content = await readFile(`${__dirname}/page/${name}`)
  response.setHeader('content-type', contentType)
  response.setHeader('content-length', content.byteLength)
  // A new version of the package has new files under the same names.
  response.setHeader('cache-control', 'no-cache')
  response.end(content)
}
