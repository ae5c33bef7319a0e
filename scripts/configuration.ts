/** Writes the table of settings into docs/configuration.md, between its two markers. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsTableMarkdown } from '../src/settings/markdown.ts'

const FILE = join(import.meta.dirname, '../docs/configuration.md')
const START = '<!-- settings -->\n'
const END = '<!-- /settings -->'

/** Returns the document with the current table. Throws if its markers are missing. */
export function withSettingsTable(document: string): string {
  const start = document.indexOf(START)
  const end = document.indexOf(END)
  if (start === -1 || end < start) throw new Error('docs/configuration.md has lost its settings markers')
  return `${document.slice(0, start)}${START}\n${settingsTableMarkdown()}\n${document.slice(end)}`
}

if (process.argv[1] === import.meta.filename) writeFileSync(FILE, withSettingsTable(readFileSync(FILE, 'utf8')))
