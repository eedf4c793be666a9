import type { RedisDriver } from '../../src/protocol/driver.ts'
import * as logScripts from '../../src/protocol/log-scripts.ts'
import * as keyScripts from '../../src/protocol/scripts.ts'

type Name =
  | keyof typeof logScripts
  | keyof typeof keyScripts
  | 'PERMIT'
  | 'PING'
  | 'PTTL'
  | 'GET'
  | 'MGET'
  | 'EVAL'
  | 'SCRIPT'
type Args = readonly (string | Uint8Array)[]
/** `never`: no reply comes. */
type Reply = (args: Args) => unknown

const NAMES = new Map(Object.entries({ ...logScripts, ...keyScripts }).map(([name, { digest }]) => [digest, name]))
/** What is known by another name here than a script. */
const COMMANDS = new Map([['SET', 'PERMIT']])
const SECONDS = 1_700_000_000

/** A server as far as a test says what it replies. */
export class FakeDriver implements RedisDriver {
  isReady = true
  isClosed = false
  /** The log: ids and entries. */
  log: (readonly [id: string, text: string])[] = []
  /** Of the cluster; none without one. */
  epoch = ''
  /** Entries that a loading gives, the last ones. */
  portion: number = Number.POSITIVE_INFINITY
  /** Names of the commands, in order. */
  readonly calls: string[] = []
  readonly sent: Args[] = []
  readonly replies: Map<Name, Reply> = new Map()
  #hear: (channel: string, message: Uint8Array) => void = () => {}
  #connected: () => void = () => {}
  #wakeChannel = ''

  constructor() {
    this.replies.set('PING', () => 'PONG')
    this.replies.set('LOAD', args => this.#load(String(args.at(-1))))
    this.replies.set('LISTEN', ([, , , , from]) => [[SECONDS, 0], this.#entries(String(from)), 0, this.epoch])
    this.replies.set('LOG', ([, , count, ...rest]) => this.#write(String(rest[Number(count) + 1])))
    this.replies.set('STANDING', ([, , , , ...args]) => this.#standing(args.map(String)))
    for (const name of ['INVALIDATE', 'SET', 'COMMIT', 'COPY', 'RELEASE', 'RENEW', 'PERMIT'] as const)
      this.replies.set(name, () => 1)
    this.replies.set('ACQUIRE', () => ['LEASE'])
    this.replies.set('MARKED', ([, , , , ...marks]) => ['0', ...marks.map(() => '')])
    this.replies.set('PTTL', () => 60_000)
    this.replies.set('GET', () => null)
    this.replies.set('MGET', keys => keys.slice(1).map(() => null))
  }

  ready(): boolean {
    return this.isReady
  }

  async call(args: Args): Promise<unknown> {
    const command = String(args[0])
    const name = command === 'EVALSHA' ? NAMES.get(String(args[1])) : (COMMANDS.get(command) ?? command)
    this.calls.push(String(name))
    this.sent.push(args)
    const reply = this.replies.get(name as Name)
    if (reply === undefined) throw new Error(`ERR unknown command ${String(name)}`)
    return reply(args)
  }

  async subscribe(channels: readonly string[], on: (channel: string, message: Uint8Array) => void): Promise<void> {
    this.#hear = on
    this.#wakeChannel = channels[0] ?? ''
  }

  onReady(listener: () => void): () => void {
    this.#connected = listener
    return () => {
      this.#connected = () => {}
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  connect(): void {
    this.isReady = true
    this.#connected()
  }

  /** Another process's entry, and, unless it is lost, the announcement of it. */
  tells(change: object, isLost = false): void {
    const text = JSON.stringify({ i: 'another', n: 1, ...change })
    const [previous, id] = this.#write(text)
    if (!isLost) this.#hear('st:1:inv', Buffer.from(`${previous} ${id} ${text}`))
  }

  wake(message: string): void {
    this.#hear(this.#wakeChannel, Buffer.from(message))
  }

  count(name: Name): number {
    return this.calls.filter(call => call === name).length
  }

  #write(text: string): readonly [previous: string, id: string] {
    const previous = this.log.at(-1)?.[0] ?? '0-0'
    const id = `${Number(previous.split('-')[0]) + 1}-0`
    this.log.push([id, text])
    return [previous, id]
  }

  #load(first: string): unknown {
    if (this.log.length === 0) this.#write(first)
    return [[SECONDS, 0], this.#entries('').slice(-this.portion).toReversed(), 0, this.epoch]
  }

  #standing(args: readonly string[]): readonly number[] {
    const [oldest = 0] = this.log.map(([id]) => Number(id.split('-')[0]))
    return args.flatMap((id, index) => {
      if (index % 2 === 1) return []
      const text = this.log.find(([of]) => of === id)?.[1]
      if (text === undefined) return [Number.parseInt(id, 10) < oldest ? 1 : 0]
      return [text.startsWith(args[index + 1] ?? '') ? 1 : 0]
    })
  }

  #entries(from: string): readonly unknown[] {
    const start = from === '' ? 0 : Number(from.split('-')[0])
    return this.log.filter(([id]) => Number(id.split('-')[0]) >= start).map(([id, text]) => [id, ['o', text]])
  }
}

/** A promise that never settles, for a server that does not answer. */
export function never(): Promise<never> {
  return new Promise(() => {})
}
