import { trace } from '@opentelemetry/api'

/** Ends 400 spans with 0.9 MiB each, just below where a span is cut, and says in MiB what memory the process has before, at most, and half a minute's GCs later. */
const [how = 'together'] = process.argv.slice(2)
const MIB = 2 ** 20
const rssMib = () => Math.round(process.memoryUsage.rss() / MIB)
const tracer = trace.getTracer('app')
const before = rssMib()
let peak = before
const note = () => (peak = Math.max(peak, rssMib()))
setInterval(note, 5).unref()

for (let index = 0; index < 400; index++) {
  // A text of its own each, not 400 times the same.
  const text = String(index)
    .padEnd(8, '.')
    .repeat((0.9 * MIB) / 8)
  tracer.startSpan('large', { attributes: { text } }).end()
  note()
  if (how === 'apart') await new Promise((resolve) => setTimeout(resolve, 5))
}
for (let round = 0; round < 20; round++) {
  globalThis.gc()
  await new Promise((resolve) => setTimeout(resolve, 100))
  note()
}
globalThis.gc()
console.log(
  JSON.stringify({ before, peak, after: rssMib(), external: Math.round(process.memoryUsage().arrayBuffers / MIB) }),
)
