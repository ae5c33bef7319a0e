/** A middleware of Astro 5 and 6, in `src/middleware.js`: `export { onRequest } from '@paxx/obs/astro'`, or one of those of `sequence()`. */
export declare function onRequest<Result>(context: { readonly routePattern: string }, next: () => Result): Result
