import type { Capture } from '../settings/settings.ts'

type Options = Record<string, unknown>

/**
 * What the instrumentations have to be told so that values are in a span where they were opened up, and are not formatted into one
 * where they were not. What they record all the same is taken out when the span leaves (`src/privacy/`).
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
