import { index, layout, prefix, route } from '@react-router/dev/routes'

export default [
  index('routes/home.jsx'),
  route('users/:id', 'routes/user.jsx'),
  route('files/*', 'routes/files.jsx'),
  route('old', 'routes/old.jsx'),
  route('fail', 'routes/fail.jsx'),
  route('missing/:id', 'routes/missing.jsx'),
  route('api/items/:item', 'routes/item.js'),
  route('stream', 'routes/stream.js'),
  route('hang', 'routes/hang.js'),
  route('broken', 'routes/broken.jsx'),
  layout('routes/frame.jsx', [route('framed/:id', 'routes/framed.jsx')]),
  ...prefix('shop', [route(':category?', 'routes/shop.jsx', [route('deep/:leaf', 'routes/leaf.jsx')])]),
]
