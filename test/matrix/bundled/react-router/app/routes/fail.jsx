export const loader = () => {
  throw new Error('thrown')
}
export default () => <p>never</p>
