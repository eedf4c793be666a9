/** It comes without types. */
declare module 'koa-cash' {
  import type { Middleware } from 'koa'

  interface Store {
    readonly maxAge: number
    readonly get: (key: string, maxAge: number) => Promise<unknown>
    readonly set: (key: string, value: unknown, maxAge: number) => Promise<void>
  }

  /** What it puts on the context. */
  export interface Cashed {
    cashed(): Promise<boolean>
  }

  const cash: (store: Store) => Middleware
  export default cash
}
