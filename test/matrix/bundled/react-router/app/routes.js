import { index, prefix, route } from '@react-router/dev/routes'

export default [
  index('routes/home.jsx'),
  route('users/:id', 'routes/user.jsx'),
  route('files/*', 'routes/files.jsx'),
  route('old', 'routes/old.jsx'),
  route('fail', 'routes/fail.jsx'),
  route('missing/:id', 'routes/missing.jsx'),
  route('api/items/:item', 'routes/item.js'),
  ...prefix('shop', [route(':category?', 'routes/shop.jsx', [route('deep/:leaf', 'routes/leaf.jsx')])]),
]
