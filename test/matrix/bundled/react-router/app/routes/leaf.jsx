export default ({ params }) => <p>{params.leaf}</p>
