/** Writes the settings table into README.md, between its two markers. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsTableMarkdown } from '../src/settings/markdown.ts'

const FILE = join(import.meta.dirname, '../README.md')
const START = '<!-- settings -->\n'
const END = '<!-- /settings -->'

export function readmeWithSettings(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start === -1 || end < start) throw new Error('README.md has lost its settings markers')
  return `${readme.slice(0, start)}${START}\n${settingsTableMarkdown()}\n${readme.slice(end)}`
}

if (process.argv[1] === import.meta.filename) writeFileSync(FILE, readmeWithSettings(readFileSync(FILE, 'utf8')))
