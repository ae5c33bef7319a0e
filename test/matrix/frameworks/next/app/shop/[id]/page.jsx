export const dynamic = 'force-dynamic'

export default async function Page({ params }) {
  const { id } = await params
  if (id === 'broken') throw new Error('thrown')
  const answer = await fetch(`${process.env.BACKEND}?token=hidden`, { cache: 'no-store' }).then((each) => each.text(), String)
  return (
    <p>
      {id} {answer}
    </p>
  )
}
