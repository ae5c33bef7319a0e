import { data } from 'react-router'

export const loader = () => {
  throw data('none', { status: 404 })
}
export default () => <p>never</p>
