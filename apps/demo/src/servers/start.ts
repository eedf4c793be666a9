import type { HttpOptions } from '@stampede/core/http'
import type { Listening } from '../listen.ts'
import type { AskedOrigin } from '../origin.ts'

/** What a server of the demo is made of. */
interface ServerOptions {
  readonly origin: AskedOrigin
  readonly stampede: Pick<HttpOptions, 'ttl' | 'instance'>
  readonly port: number
}

/** Starts one framework's server: `/bare` and, behind Stampede, `/report`, both of which ask the origin. */
export type Start = (options: ServerOptions) => Promise<Listening>
