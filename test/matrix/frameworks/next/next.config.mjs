export default {
  ...(process.env.OUTPUT === undefined ? {} : { output: process.env.OUTPUT }),
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
}
