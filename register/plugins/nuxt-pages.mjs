import { defineNuxtPlugin } from '#app'
import nameRoute from './name-route.cjs'

/** Names the route after the pattern of the rendered page: `/users/:id()` becomes `/users/:id`. */
export default defineNuxtPlugin((nuxtApp) => {
  nuxtApp.hook('app:rendered', () => {
    const { matched = [] } = nuxtApp.$router?.currentRoute.value ?? {}
    const { event, url } = nuxtApp.ssrContext ?? {}
    // Nuxt requests the page of an error from itself.
    const path = event?.path?.startsWith('/__nuxt_error') ? url : event?.path
    nameRoute(matched.at(-1)?.path.replaceAll('()', ''), path)
  })
})
