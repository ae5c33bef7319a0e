/** Asks for every external link of the documents, and lists those that do not answer. Needs the network. */
import { DOCUMENTS, externalLinks } from '../test/support/documents.ts'

const TIMEOUT_MS = 20_000

/** Returns why a link cannot be followed; undefined if it can. */
async function faultOf(link: string): Promise<string | undefined> {
  try {
    const { status } = await fetch(link, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return status < 400 ? undefined : `status ${status}`
  } catch (thrown) {
    const { cause, message } = thrown as Error
    return cause instanceof Error ? cause.message : message
  }
}

const links = new Set(DOCUMENTS.flatMap(externalLinks).map(({ href }) => href))
for (const link of links) {
  const fault = await faultOf(link)
  if (fault === undefined) continue
  console.log(`${link}: ${fault}`)
  process.exitCode = 1
}
console.log(`${links.size} links were asked for`)
