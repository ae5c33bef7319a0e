/** A chunk of its own, for the few processes that have a .env. Only the parser: dotenv's `config()` writes to stdout. */
export { parse } from 'dotenv'
