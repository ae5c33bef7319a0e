/** The endpoint is served in the process, and is no request of the server's. */
export const load = async ({ params, fetch }) => ({ id: params.id, item: await (await fetch('/api/items/7')).text() })

export const actions = { default: async () => ({ done: true }) }
