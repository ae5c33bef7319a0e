/**
 * A hook of SvelteKit, for `src/hooks.server.js`: `export { handle } from '@paxx/obs/sveltekit'`, or an argument of
 * `sequence()`.
 */
export declare function handle<Event extends { readonly route: { readonly id: string | null } }, Result>(input: {
  event: Event
  resolve: (event: Event) => Result
}): Result
