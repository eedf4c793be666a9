export { ensureServer, installedServers } from './binaries.mjs'
export { RedisServer } from './server.ts'
