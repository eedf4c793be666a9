/** The parameters of a process of the fleet. */
export interface Membership {
  /** Of the process, for the origin and for readers. */
  readonly name: string
  readonly framework: string
  readonly origin: string
  readonly redis: string
  /** How long a command to the store may take, milliseconds. */
  readonly timeout: number
  /** The ttl of Stampede, milliseconds. */
  readonly ttl: number
}

/** What the process is asked to do. */
export interface ToMember {
  /** An exact path. */
  readonly invalidate: string
}

/** What the process says. */
export type FromMember =
  | { readonly kind: 'listening'; readonly url: string }
  /** `fleet`: whether the store has it too. */
  | { readonly kind: 'invalidated'; readonly fleet: boolean }
  /** Stopped asking the store, asks it again, or went on by itself for one key; when, in milliseconds since 1970. */
  | { readonly kind: 'store'; readonly event: StoreEvent; readonly at: number }

export type StoreEvent = 'open' | 'closed' | 'degrade'
