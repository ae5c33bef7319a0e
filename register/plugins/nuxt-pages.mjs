import { defineNuxtPlugin } from '#app'
import nameRoute from './name-route.cjs'

/** The page that was rendered, by the pattern of its route: `/users/:id()` is written as `/users/:id`. */
export default defineNuxtPlugin((nuxtApp) => {
  nuxtApp.hook('app:rendered', () => {
    const { matched = [] } = nuxtApp.$router?.currentRoute.value ?? {}
    nameRoute(matched.at(-1)?.path.replaceAll('()', ''))
  })
})
