export const GET = ({ redirect }) => redirect('/users/1')
