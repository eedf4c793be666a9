export type { RedisDriver } from './protocol/driver.ts'
export { redisStore } from './redis-store.ts'
export type { RedisStoreOptions } from './store-options.ts'
