/** Compresses a body. Compression is off by default, so `node:zlib` is loaded with the first compressed batch. */
export function gzipped(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    process
      .getBuiltinModule('node:zlib')
      .gzip(body, (error, result) => (error === null ? resolve(result) : reject(error)))
  })
}
