// packages: @cucumber/cucumber
// without-spans: its own runner calls what is defined here
export default async function ({ load, say, attempt }) {
  const cucumber = await load('@cucumber/cucumber')
  say('exports', Object.keys(cucumber).toSorted())
  for (const name of ['Given', 'When', 'Then', 'Before', 'After', 'BeforeAll', 'setDefaultTimeout', 'defineStep'])
    say(name, cucumber[name])
  await attempt('outside of a run', () => cucumber.Given('a step', function step() {}))
}
