import { sequence } from 'astro:middleware'
import { onRequest as routes } from '@paxx/obs/astro'

function early({ url }, next) {
  return url.pathname.startsWith('/early') ? new Response('early') : next()
}

export const onRequest = sequence(routes, early)
