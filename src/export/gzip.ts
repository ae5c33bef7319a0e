/** Few collectors are asked to, so the module is loaded with the first batch that is compressed. */
export function gzipped(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    process
      .getBuiltinModule('node:zlib')
      .gzip(body, (error, result) => (error === null ? resolve(result) : reject(error)))
  })
}
