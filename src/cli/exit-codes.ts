/** The exit codes of every command. */
export const EXIT = {
  /** The command is done, or there is nothing to do. */
  ok: 0,
  /** A problem was found, or something was refused or failed; stderr has the details. */
  problem: 1,
  /** The command line could not be parsed. */
  usage: 2,
  /** `init`: there are changes that nobody confirmed. */
  notConfirmed: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_CODES_HELP = `
Exit codes:
  0  done, or nothing to do
  1  something is wrong, refused or failed; stderr says what
  2  the command line is not understood
  3  init: changes that nobody agreed to (no terminal to ask, or "no")
`
