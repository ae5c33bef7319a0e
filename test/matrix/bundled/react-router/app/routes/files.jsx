export default ({ params }) => <p>{params['*']}</p>
