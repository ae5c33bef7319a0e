export { parse } from 'dotenv'
