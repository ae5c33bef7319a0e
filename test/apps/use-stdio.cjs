// A command-line filter: what it writes must not change by a byte.
process.stdin.setEncoding('utf8')
let text = ''
process.stdin.on('data', (chunk) => (text += chunk))
process.stdin.on('end', () => {
  process.stdout.write(text.toUpperCase())
  process.stderr.write('done\n')
  process.exitCode = 7
})
