import { reasonOf } from '../base/diag.ts'
import { Problem } from '../base/problem.ts'
import { givenText } from '../base/variable.ts'
import { isAbsolute, join } from 'node:path'
import type { DeclaredSettings } from './declarative/translate.ts'
import type { SettingProblem } from './settings.ts'
import { rowOf } from './table.ts'
import type { Texts, Values } from './values.ts'

export interface ConfigFileInput {
  readonly cwd: string
  /** Reads a text file. Returns undefined when there is none; throws when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** Loads the parser of declarative configuration. Called only when a file is named. */
  readonly readDeclared: () => (
    text: string,
    lookUp: (variable: string) => string | undefined,
  ) => DeclaredSettings | Problem
}

const VARIABLE = 'OTEL_CONFIG_FILE'

/** A usable configuration file that the user named. */
export interface ConfigFile {
  /** The path as the user wrote it. */
  readonly path: string
  readonly declared: DeclaredSettings
}

/**
 * Reads the configuration file that `values` name. Returns undefined when there is none or it cannot be used; the
 * settings of the environment then apply.
 */
export function readConfigFile(
  values: Values,
  texts: readonly Texts[],
  input: ConfigFileInput,
): ConfigFile | undefined {
  const path = values.text(VARIABLE)
  if (path === undefined) return undefined
  const lookUp = (name: string): string | undefined => texts.find((each) => givenText(each, name) !== undefined)?.[name]
  const declared = read(isAbsolute(path) ? path : join(input.cwd, path), input, lookUp)
  if (!(declared instanceof Problem)) return { path, declared }
  const named = values.isSet(VARIABLE) ? VARIABLE : 'OTEL_EXPERIMENTAL_CONFIG_FILE'
  values.addProblem(named, `cannot be used (${declared.reason}); using the environment's settings`)
  return undefined
}

function read(
  file: string,
  { readFile, readDeclared }: ConfigFileInput,
  lookUp: (name: string) => string | undefined,
): DeclaredSettings | Problem {
  try {
    const text = readFile(file)
    return text === undefined ? new Problem('there is no such file') : readDeclared()(text, lookUp)
  } catch (thrown) {
    return new Problem(reasonOf(thrown))
  }
}

/**
 * Returns whether a variable applies in addition to a configuration file: it has no counterpart in the file, or is our
 * own. The specification lets a file replace all other variables.
 */
export function countsBesideFile(variable: string): boolean {
  return (
    // Our own variables, in any section of the table.
    (variable.startsWith('OBS_') && rowOf(variable) !== undefined) ||
    rowOf(variable)?.section === 'own' ||
    variable === 'METRICS_ENABLED' ||
    variable === VARIABLE ||
    variable === 'OTEL_EXPERIMENTAL_CONFIG_FILE' ||
    variable === 'OTEL_NODE_ENABLED_INSTRUMENTATIONS' ||
    variable === 'OTEL_NODE_DISABLED_INSTRUMENTATIONS' ||
    variable === 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS' ||
    variable === 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'
  )
}

export function besideFile(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => countsBesideFile(name)))
}

/** Returns a problem for each part of the file that has no effect, and one for the variables that the file replaces. */
export function problemsOfFile({ path, declared }: ConfigFile, texts: readonly Texts[]): SettingProblem[] {
  const ignored = new Set(
    texts
      .flatMap((each) => Object.entries(each))
      .filter(([name, text]) => isReplaced(name, declared) && text !== undefined && text.trim() !== '')
      .map(([name]) => name),
  )
  return [
    ...declared.withoutEffect.map((place) => {
      const variable = `${path}: ${place}`
      return { variable, message: `${variable} has no effect here; it is ignored` }
    }),
    ...(ignored.size === 0
      ? []
      : [
          {
            variable: VARIABLE,
            message: `${VARIABLE}=${path} replaces the environment's settings; ignoring ${[...ignored].join(', ')}`,
          },
        ]),
  ]
}

function isReplaced(variable: string, { referenced }: DeclaredSettings): boolean {
  return rowOf(variable) !== undefined && !countsBesideFile(variable) && !referenced.has(variable)
}
