export { ensureServer, installedServers } from './binaries.ts'
export { RedisServer } from './server.ts'
