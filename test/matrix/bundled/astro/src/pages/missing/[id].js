export const GET = () => new Response('none', { status: 404 })
