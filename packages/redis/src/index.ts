export type { RedisPort } from './port.ts'
export { redisStore } from './redis-store.ts'
export type { RedisStoreOptions } from './store-options.ts'
