export default defineEventHandler((event) => sendRedirect(event, '/users/1'))
