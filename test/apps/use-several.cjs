// Loads the apps that the arguments name, each with its port: use-several.cjs http=10001 pg=10002
for (const argument of process.argv.slice(2)) {
  const [name, port] = argument.split('=')
  process.env.PORT = port
  require(`./use-${name}.cjs`)
}
