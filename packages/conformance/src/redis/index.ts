export { ensureServer } from './binaries.ts'
export { RedisServer } from './server.ts'
