export { onRequest } from '@paxx/obs/astro'
