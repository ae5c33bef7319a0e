import { sequence } from '@sveltejs/kit/hooks'
import { handle as routes } from '@paxx/obs/sveltekit'

function early({ event, resolve }) {
  return event.url.pathname.startsWith('/early') ? new Response('early') : resolve(event)
}

export const handle = sequence(routes, early)
