import type {
  Acquire,
  LocalTier,
  NewRecord,
  SharedLease,
  SharedRecord,
  SharedStore,
  SharedTier,
  AcquireResult,
} from '../../core/src/fleet/shared-store.ts'
import type { MountStores } from './store-mount.ts'

/** One Stampede that takes part. */
export interface Participant {
  readonly store: SharedStore
  readonly tier: SharedTier
  /** What its memory had to remove, in order: `key k`, `tag t`, `all`. */
  readonly told: string[]
}

interface Joining {
  readonly space?: LocalTier['space']
  readonly namespace?: 'own' | 'other'
  /** The store of a process that is there; default: a new one. */
  readonly store?: SharedStore
}

export interface StoreStage {
  readonly now: () => number
  readonly until: (holds: () => boolean | Promise<boolean>, ms?: number) => Promise<void>
  readonly close: () => Promise<void>
  readonly join: (joining?: Joining) => Promise<Participant>
  /** That many processes. */
  readonly processes: (count: number) => Promise<readonly Participant[]>
  /** What the promise yields; time goes by until it does. */
  readonly comes: <T>(promise: Promise<T>) => Promise<T>
  /** The lease of the key, which must be free. */
  readonly lead: (of: Participant, key: string, asked?: Partial<Acquire>) => Promise<SharedLease>
  /** Begins to wait for the key's lease, which another has. */
  readonly wait: (of: Participant, key: string, asked?: Partial<Acquire>) => Promise<Waiting>
  /** Resolves once its memory had to remove that, by name or with everything. */
  readonly hears: (of: Participant, what: string) => Promise<void>
}

/** In an object, so that it is not waited for at once. */
interface Waiting {
  readonly turn: Promise<AcquireResult>
}

/** Sets up processes for one case; they are closed when it ends. */
export type SetUpStores = (asked?: { readonly lease?: number }) => Promise<StoreStage>

const LEASE = 3_000
const ASKED: Acquire = { timeout: 60_000, wait: 60_000 }

export function record(made: Partial<NewRecord> = {}): NewRecord {
  return {
    body: 'body',
    meta: null,
    tags: [],
    ttl: 60_000,
    staleWhileRevalidate: 0,
    staleIfError: 0,
    duration: 1,
    ...made,
  }
}

export function text(of: SharedRecord | undefined): string | undefined {
  return of && new TextDecoder().decode(of.body)
}

/** The body of a hit, else the kind of the turn. */
export function told(turn: AcquireResult): string {
  return turn.kind === 'hit' ? `${text(turn.record)}` : turn.kind
}

export function leaseOf(turn: AcquireResult): SharedLease {
  if (turn.kind !== 'lead') throw new Error(`no lease, but ${told(turn)}`)
  return turn.lease
}

/** Each of a row of processes is there: no case asks for one that it did not set up. */
export function at(row: readonly Participant[], index: number): Participant {
  const participant = row[index]
  if (participant === undefined) throw new Error(`no process ${index}`)
  return participant
}

export async function storeStage(mount: MountStores, lease: number = LEASE): Promise<StoreStage> {
  const mounted = await mount({ lease })
  const joined: Participant[] = []
  const until: StoreStage['until'] = (holds, ms) => mounted.until(holds, ms)
  const join: StoreStage['join'] = async ({ space = 'f', namespace, store } = {}) => {
    const its = store ?? (await mounted.process(namespace))
    const heard: string[] = []
    const participant = { store: its, tier: its.join(localTier(space, heard)), told: heard }
    joined.push(participant)
    // A process receives changes once it takes part, which it does after its first read.
    await comes(participant.tier.read('nothing'), until)
    return participant
  }
  return {
    until,
    join,
    now: () => mounted.now(),
    processes: count => Promise.all(Array.from({ length: count }, () => join())),
    comes: promise => comes(promise, until),
    lead: async (of, key, asked) => leaseOf(await comes(of.tier.acquire(key, { ...ASKED, ...asked }), until)),
    wait: async (of, key, asked) => {
      const turn = of.tier.acquire(key, { ...ASKED, ...asked })
      // What one process asks of one key arrives in order, with one more try where the server did not know the script.
      for (let read = 0; read < 3; read += 1) await comes(of.tier.read(key), until)
      return { turn }
    },
    hears: (of, what) => until(() => of.told.includes(what) || of.told.includes('all')),
    close: async () => {
      await Promise.all(joined.map(({ tier }) => tier.close()))
      await mounted.close()
    },
  }
}

function localTier(space: LocalTier['space'], heard: string[]): LocalTier {
  return {
    space,
    drop: keys => void heard.push(...keys.map(key => `key ${key}`)),
    dropTags: tags => void heard.push(...tags.map(tag => `tag ${tag}`)),
    dropAll: () => void heard.push('all'),
    emit: () => {},
  }
}

async function comes<T>(promise: Promise<T>, until: StoreStage['until']): Promise<T> {
  let isDone = false
  const settled = promise.finally(() => {
    isDone = true
  })
  settled.catch(() => {})
  await until(() => isDone)
  return settled
}
