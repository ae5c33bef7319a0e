export const dynamic = 'force-dynamic'

export default async function Docs({ params }) {
  const { parts } = await params
  return <main>{parts.join()}</main>
}
