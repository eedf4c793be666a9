import { connect, createServer, type Server, type Socket } from 'node:net'
import { Gate } from './gate.ts'
import { elapse } from './real-time.ts'

/** From the client to the server, or back. */
export type Direction = 'up' | 'down'

/** What becomes of what goes one way: it passes in order, whatever else is done to it. */
class Lane {
  readonly #to: Socket
  /** Resolves once all that came so far is delivered. */
  #line: Promise<void> = Promise.resolve()
  #gate: Gate | undefined
  #dropsIf: ((bytes: Buffer) => boolean) | undefined
  /** Milliseconds; or drawn for each. */
  delay: number | (() => number) = 0
  /** How often something came, was swallowed, and was delivered. */
  taken = 0
  swallowed = 0
  delivered = 0

  constructor(to: Socket) {
    this.#to = to
  }

  hold(): void {
    this.#gate ??= new Gate()
  }

  release(): void {
    this.#gate?.open()
    this.#gate = undefined
  }

  /** Swallows what the test says, from now on; nothing more without one. */
  dropIf(test: ((bytes: Buffer) => boolean) | undefined): void {
    this.#dropsIf = test
  }

  take(bytes: Buffer): void {
    const due = performance.now() + (typeof this.delay === 'number' ? this.delay : this.delay())
    this.taken += 1
    if (this.#dropsIf?.(bytes) === true) {
      this.swallowed += 1
      return
    }
    this.#line = this.#line.then(async () => {
      while (this.#gate) await this.#gate.passed()
      const left = due - performance.now()
      if (left > 0) await elapse(left)
      if (!this.#to.destroyed) this.#to.write(bytes)
      this.delivered += 1
    })
  }

  /** The end of the stream comes behind all that it brought. */
  end(): void {
    this.#line = this.#line.then(async () => {
      while (this.#gate) await this.#gate.passed()
      if (!this.#to.destroyed) this.#to.end()
    })
  }
}

/** One connection of a client, and the one to the server that belongs to it. */
export class Link {
  readonly up: Lane
  readonly down: Lane
  readonly #client: Socket
  readonly #server: Socket
  #isSubscriber = false

  constructor(client: Socket, server: Socket) {
    this.#client = client
    this.#server = server
    this.up = new Lane(server)
    this.down = new Lane(client)
    client.on('data', bytes => {
      if (/subscribe/i.test(bytes.toString('latin1'))) this.#isSubscriber = true
      this.up.take(bytes)
    })
    server.on('data', bytes => this.down.take(bytes))
    client.on('end', () => this.up.end())
    server.on('end', () => this.down.end())
    for (const socket of [client, server]) socket.on('error', () => this.cut())
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroySoon())
  }

  /** It has sent a SUBSCRIBE. */
  get isSubscriber(): boolean {
    return this.#isSubscriber
  }

  /** Both ends see a reset; what is on its way is lost. */
  cut(): void {
    this.up.release()
    this.down.release()
    this.#client.destroy()
    this.#server.destroy()
  }
}

export type Which = 'all' | 'commands' | 'subscribers'

/** A line to a server that can be made bad, each direction in order. */
export class TcpProxy {
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #held = new Map<Direction, Which>()
  readonly #dropped = new Map<Direction, (bytes: Buffer) => boolean>()
  #port = 0
  /** New connections are refused. */
  isRefusing = false
  /** The port of the server; another one may take its place, for the connections to come. */
  target: number
  readonly #host: string

  private constructor(target: number, host: string) {
    this.target = target
    this.#host = host
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, client => this.#join(client))
  }

  static async to(target: number, host: string = '127.0.0.1'): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, host)
    await new Promise<void>(resolve => proxy.#server.listen(0, '127.0.0.1', resolve))
    const address = proxy.#server.address()
    if (typeof address === 'object' && address !== null) proxy.#port = address.port
    return proxy
  }

  get port(): number {
    return this.#port
  }

  links(which: Which = 'all'): readonly Link[] {
    return [...this.#links].filter(({ isSubscriber }) => which === 'all' || isSubscriber === (which === 'subscribers'))
  }

  /** A black hole until it is let go, for connections to come too: nothing goes this way, and nothing says so. */
  hold(direction: Direction, which: Which = 'all'): void {
    this.#held.set(direction, which)
    for (const link of this.links(which)) link[direction].hold()
  }

  /** Swallows what the test says, for connections to come. */
  dropIf(direction: Direction, test: (bytes: Buffer) => boolean): void {
    this.#dropped.set(direction, test)
  }

  release(): void {
    this.#held.clear()
    this.#dropped.clear()
    for (const { up, down } of this.#links) {
      up.release()
      down.release()
    }
  }

  delay(direction: Direction, ms: number | (() => number), which: Which = 'all'): void {
    for (const link of this.links(which)) link[direction].delay = ms
  }

  cut(which: Which = 'all'): void {
    for (const link of this.links(which)) link.cut()
  }

  async close(): Promise<void> {
    this.release()
    this.cut()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #join(client: Socket): void {
    if (this.isRefusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: this.target, host: this.#host, noDelay: true, allowHalfOpen: true })
    const link = new Link(client, server)
    this.#links.add(link)
    client.on('close', () => this.#links.delete(link))
    // Of what kind a new connection is shows later: it is held whatever it is.
    for (const direction of this.#held.keys()) link[direction].hold()
    for (const [direction, test] of this.#dropped) link[direction].dropIf(test)
  }
}
