import { Command, CommanderError, InvalidArgumentError, type OutputConfiguration } from 'commander'
import { load } from '../base/chunks.ts'
import { reasonOf } from '../base/diag.ts'
import { VERSION } from '../base/version.ts'
import { EXIT, EXIT_CODES_HELP } from './exit-codes.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import type { DoctorOptions } from './doctor/doctor.ts'
import type { InitOptions } from './init/init.ts'
import type { SettingsOptions } from './settings/print-settings.ts'

/**
 * The command line `paxx-obs`, called by `register/cli.cjs`. Each command is a chunk of its own; the preload loads none
 * of them.
 */
export function main(args: readonly string[]): void {
  // Runs before anything in this process touches the standard streams, which belong to the app.
  if (isRun(args)) {
    load<typeof import('./run/run.ts')>('cli-run').run(args.slice(1))
    return
  }
  const terminal = processTerminal()
  const program = createProgram(terminal)
  program.parseAsync(args, { from: 'user' }).catch((thrown: unknown) => {
    if (thrown instanceof CommanderError) {
      // Printing the help is not an error.
      process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage
      return
    }
    terminal.err(`paxx-obs: ${reasonOf(thrown)}`)
    process.exitCode = EXIT.problem
  })
}

/** Everything after `run` is passed to Node.js unchanged, so it must not be parsed here. */
function isRun([command, first]: readonly string[]): boolean {
  return command === 'run' && first !== undefined && first !== '--help' && first !== '-h'
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('paxx-obs')
    .description('Sets up, checks and runs @paxx/obs, the zero-code telemetry preload for Node.js.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput(outputFor(terminal))
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText('after', EXIT_CODES_HELP)
  addInit(program, terminal)
  addDoctor(program, terminal)
  addSettings(program, terminal)
  addWarm(program, terminal)
  addRun(program)
  return program
}

function outputFor(terminal: Terminal): OutputConfiguration {
  return {
    writeOut: (text) => terminal.out(text.trimEnd()),
    writeErr: (text) => terminal.err(text.trimEnd()),
    outputError: (text, write) => write(`paxx-obs: ${text.replace(/^error: /, '')}`),
    getOutHelpWidth: () => terminal.columns,
    getErrHelpWidth: () => terminal.columns,
  }
}

function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .summary('add @paxx/obs and Jaeger to the project in this directory')
    .description(
      'Adds to the project in the working directory: the dependency and the flag of the start script in package.json, ' +
        'a Jaeger service in the compose file, the variables in .env.example (and in .env if there is one). ' +
        'Shows every change and asks before writing. Of what is there, only the start script is changed; everything else ' +
        'is added. A second run changes nothing.',
    )
    .option('-y, --yes', 'apply the changes without asking')
    .option('-n, --dry-run', 'show the changes without applying them')
    .option('--prometheus', 'add a Prometheus service with rules, and open the side port to it')
    .option('--grafana', 'add a Grafana service with the dashboard, and its Prometheus')
    .option('--docker', 'add the lines to the Dockerfile')
    .option('--kubernetes', 'add a patch for the Deployment')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXIT_CODES_HELP)
    .action(async (options: InitOptions) => {
      process.exitCode = await load<typeof import('./init/init.ts')>('cli-init').init(options, terminal)
    })
}

function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .summary('check what would be instrumented and exported here; with a command, run it')
    .usage('[options] [-- <command>]')
    .description(
      'Checks what applies to an app started in this directory: Node.js, the preload, settings, packages and their ' +
        'versions, other agents, the collector (by an empty export) and the side port. With a command, as in ' +
        '"paxx-obs doctor -- npm start", it runs the command for a while under the preload and reports what was actually ' +
        'patched and exported.',
    )
    .option('--seconds <seconds>', 'how long the command may run', positiveNumber, 10)
    .option('--json', 'print the result as JSON')
    .argument('[command...]', 'the command that starts the app')
    .passThroughOptions()
    .addHelpText('after', EXIT_CODES_HELP)
    .action(async (command: readonly string[], options: DoctorOptions) => {
      process.exitCode = await load<typeof import('./doctor/doctor.ts')>('cli-doctor').doctor(
        command,
        options,
        terminal,
      )
    })
}

function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError('It must be a number of seconds up to 3600.')
  return value
}

function addSettings(program: Command, terminal: Terminal): void {
  program
    .command('settings')
    .summary('print every variable with its value and source')
    .description(
      'Prints every variable that the package knows, as an app started in this directory would read it: with its value ' +
        'and its source (environment, .env, another variable, default). Secrets are not shown.',
    )
    .option('--set', 'only what the environment or .env sets')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((options: SettingsOptions) => {
      process.exitCode = load<typeof import('./settings/print-settings.ts')>('cli-settings').settings(options, terminal)
    })
}

function addWarm(program: Command, terminal: Terminal): void {
  program
    .command('warm')
    .summary('store compiled code in the package, for container images')
    .description(
      'Starts a small app under the preload and stores the code that V8 compiles for this package in the package, so that the ' +
        'containers of an image start as fast as a machine on which apps have run before. Run it while the image is built, ' +
        "with the image's Node.js, and again after the package or Node.js has changed.",
    )
    .addHelpText('after', EXIT_CODES_HELP)
    .action(() => {
      process.exitCode = load<typeof import('./warm/warm.ts')>('cli-warm').warm(terminal)
    })
}

/** Registered only for its help and for errors: `main` runs the command. */
function addRun(program: Command): void {
  program
    .command('run')
    .usage('[--print] [node flags] <script> [arguments]')
    .summary('run an app with the preload, as node --import does')
    .description(
      'Runs a script under the preload, as an alternative to the flag. Everything after it is passed to node ' +
        'unchanged, and the process becomes the app: signals, standard streams, exit code and messages are its own. ' +
        'With --print first, each finished request is written to stderr as a tree of its spans.',
    )
    .argument('<script>', 'preceded by flags of node and followed by arguments of the app')
}
