/** After a collector did not take everything in time, the next invocations wait this long for it. */
const AFTER_FAILURE_MS = 200

/**
 * The end of an invocation of a function that is frozen afterwards: resolves when everything is delivered, or the time is over.
 * Never rejects. What was not delivered goes with a later invocation.
 */
export function endOfInvocation(
  flush: (timeoutMs: number) => Promise<boolean>,
  timeoutMs: number,
): () => Promise<void> {
  let allowedMs = timeoutMs
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const overdue = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), allowedMs)))
    const isDelivered = await Promise.race([flush(allowedMs).catch(() => false), overdue])
    clearTimeout(timer)
    allowedMs = isDelivered ? timeoutMs : Math.min(timeoutMs, AFTER_FAILURE_MS)
  }
}
