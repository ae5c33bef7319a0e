export const dynamic = 'force-dynamic'

export default function Group() {
  return <main>of a group</main>
}
