import { Outlet } from 'react-router'

export default ({ params }) => (
  <div>
    {params.category}
    <Outlet />
  </div>
)
