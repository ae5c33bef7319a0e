import { join } from 'node:path'

/** The package's own root folder. */
export const ROOT: string = join(import.meta.dirname, '..', '..')
export const APPS: string = join(ROOT, 'test', 'apps')
export const REGISTER: string = join(ROOT, 'register', 'index.cjs')
