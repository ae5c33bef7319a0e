/**
 * A middleware of Astro 5 and 6, for `src/middleware.js`: `export { onRequest } from '@paxx/obs/astro'`, or an argument
 * of `sequence()`.
 */
export declare function onRequest<Result>(context: { readonly routePattern: string }, next: () => Result): Result
