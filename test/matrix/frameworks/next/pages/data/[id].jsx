export function getServerSideProps({ params }) {
  return { props: { id: params.id } }
}

export default function Data({ id }) {
  return <main>{id}</main>
}
