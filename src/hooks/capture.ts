import type { Capture } from '../settings/settings.ts'

type Options = Record<string, unknown>

/**
 * Sets the options of the instrumentations so that enabled values are recorded in spans, and others are not even
 * formatted. What they record anyway is removed when the span is exported (`src/privacy/`).
 */
export function addCapture(of: (instrumentation: string) => Options, shows: ReadonlySet<Capture>): void {
  if (shows.has('redis')) {
    for (const name of ['redis', 'ioredis']) of(name)['dbStatementSerializer'] = wholeCommand
  }
  if (shows.has('mongodb')) of('mongodb')['enhancedDatabaseReporting'] ??= true
  if (shows.has('memcached')) of('memcached')['enhancedDatabaseReporting'] ??= true
  if (shows.has('graphql')) of('graphql')['allowValues'] ??= true
  if (shows.has('genai')) of('openai')['captureMessageContent'] ??= true
}

function wholeCommand(name: string, args: readonly unknown[] | undefined): string {
  return [name, ...(args ?? [])].map(String).join(' ')
}
