export { handle } from '@paxx/obs/sveltekit'
