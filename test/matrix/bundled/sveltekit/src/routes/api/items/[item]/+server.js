export const GET = ({ params }) => Response.json(params)
