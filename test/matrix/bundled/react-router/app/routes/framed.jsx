export default function Framed() {
  return <p>framed</p>
}
