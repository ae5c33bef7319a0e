export default defineEventHandler(() => 'only')
