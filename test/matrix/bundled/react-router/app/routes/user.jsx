export const loader = ({ params }) => ({ id: params.id })
export const action = async ({ request }) => ({ length: (await request.text()).length })
export default ({ loaderData }) => <p>{loaderData.id}</p>
