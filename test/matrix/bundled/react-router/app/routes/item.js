export const loader = ({ params }) => Response.json(params)
