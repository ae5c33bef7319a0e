/** A hook of SvelteKit, in `src/hooks.server.js`: `export { handle } from '@paxx/obs/sveltekit'`, or one of those of `sequence()`. */
export declare function handle<Event extends { readonly route: { readonly id: string | null } }, Result>(input: {
  event: Event
  resolve: (event: Event) => Result
}): Result
