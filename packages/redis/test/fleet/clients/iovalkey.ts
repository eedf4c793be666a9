export { Redis } from 'iovalkey'
