// Loads the apps that the arguments name, each with its port: use-several.ts http=10001 pg=10002
for (const argument of process.argv.slice(2)) {
  const [name, port] = argument.split('=') as [name: string, port: string]
  process.env['PORT'] = port
  await import(`./use-${name}.ts`)
}
