/** The folder in `dist/` that `paxx-obs warm` fills while an image is built. */
export const WARMED = 'compiled'
