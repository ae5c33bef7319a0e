/** The timeout for the next invocations after the collector did not accept everything in time. */
const AFTER_FAILURE_MS = 200

/**
 * Returns the function to call at the end of an invocation, after which the process is frozen. It resolves when
 * everything is delivered or on timeout, and never rejects. What was not delivered is sent with a later invocation.
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
