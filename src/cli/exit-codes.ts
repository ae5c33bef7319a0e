/** What a script can tell from the command line's exit code, the same for every command. */
export const EXIT = {
  /** Done, or nothing to do. */
  ok: 0,
  /** Something is wrong, refused or failed; stderr says what. */
  problem: 1,
  /** The command line itself is not understood. */
  usage: 2,
  /** `init`: there are changes, and nobody agreed to them. */
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
