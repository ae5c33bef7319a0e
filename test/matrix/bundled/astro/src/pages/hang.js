export const GET = () => new Promise(() => {})
