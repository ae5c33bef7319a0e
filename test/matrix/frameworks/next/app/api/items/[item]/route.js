export async function GET(_request, { params }) {
  const { item } = await params
  if (item === 'broken') throw new Error('thrown')
  return Response.json({ item })
}
