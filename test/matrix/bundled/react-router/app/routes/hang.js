export const loader = () => new Promise(() => {})
