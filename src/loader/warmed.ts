/** The folder in `dist/` that `paxx-obs warm` fills, in an image that is built. */
export const WARMED = 'compiled'
