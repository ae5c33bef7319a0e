import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

/** Every document of the repository, by its path from the root. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }),
]

export function textOf(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8')
}

/** Languages of code blocks whose content is checked, and those of drawings, which have none to check. */
const CHECKED = new Set(['', 'sh', 'dockerfile', 'dotenv', 'js'])
const DRAWN = new Set(['mermaid'])

export interface CodeBlock {
  readonly language: string
  readonly code: string
}

export function codeBlocks(document: string): CodeBlock[] {
  return [...textOf(document).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, language = '', code = '']) => {
    if (DRAWN.has(language)) return []
    if (!CHECKED.has(language)) throw new Error(`${document}: nothing checks a block in ${language}`)
    return [{ language, code }]
  })
}

export function inlineCode(document: string): string[] {
  const prose = textOf(document).replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

/** Returns the code in a document: its blocks and its inline code. */
export function codeOf(document: string): string[] {
  return [...codeBlocks(document).map(({ code }) => code), ...inlineCode(document)]
}

const PROGRAMS = 'npm|npx|node|yarn|pnpm|ncc|docker|kubectl|curl|paxx-obs|systemctl|pm2|next'
/** Variables may precede the program, and `RUN` in a Dockerfile. A flag alone (`node --watch`) is no command. */
const COMMAND = new RegExp(`^(?:RUN )?(?:[A-Z_]+=(?:"[^"]*"|\\S*) )*(?:${PROGRAMS}) (?!-\\S*$)`)

/** Returns the commands of a document, in its blocks of shell and Dockerfile and in its inline code, each once. */
export function commandsOf(document: string): string[] {
  const blocks = codeBlocks(document).filter(({ language }) => language === 'sh' || language === 'dockerfile')
  const lines = blocks.flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
  const parts = [...lines, ...inlineCode(document)].flatMap((text) => text.split(' && '))
  return [...new Set(parts.map((text) => text.trim()).filter((text) => COMMAND.test(text)))]
}

/** Returns the blocks of shell that only assign variables. */
export function assignmentsOf(document: string): string[] {
  const isAssignment = /^(?:[A-Z_]+=(?:'[^']*'|"[^"]*"|[^\s'"]\S*)\s*)+(?:#.*)?$/
  return codeBlocks(document)
    .filter(
      ({ language, code }) =>
        language === 'sh' &&
        code
          .trim()
          .split('\n')
          .every((line) => isAssignment.test(line)),
    )
    .map(({ code }) => code)
}

/** Returns the links of a document to other sites, without those in its code. */
export function externalLinks(document: string): URL[] {
  const prose = textOf(document)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]+`/g, '')
  return [...prose.matchAll(/\bhttps?:\/\/[^\s)>\]|]+/g)].map(([link]) => new URL(link.replace(/[.,;]$/, '')))
}
