import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { type Asker, type Burst, burst, httpAsker } from '../burst.ts'
import type { FromMember, Membership, StoreEvent, ToMember } from './membership.ts'

/** The key of an answer has the host: to their users all processes are one. */
const HOST = 'fleet.example'

/** Something that a process had with the store. */
export interface StoreMoment {
  readonly event: StoreEvent
  /** Milliseconds, on this process's clock. */
  readonly at: number
}

/** One process of the fleet, as the demo sees it. */
export class MemberProcess {
  readonly membership: Membership
  readonly store: StoreMoment[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  #url = ''
  #listens: () => void = () => {}
  #invalidated: (fleet: boolean) => void = () => {}

  private constructor(program: string, membership: Membership) {
    this.membership = membership
    this.#child = fork(program, [JSON.stringify(membership)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#exited = once(this.#child, 'exit')
    this.#child.on('message', message => this.#hear(message as FromMember))
    // A message to one that is just dying.
    this.#child.on('error', () => {})
  }

  /** Resolves once it listens. */
  static async start(program: string, membership: Membership): Promise<MemberProcess> {
    const member = new MemberProcess(program, membership)
    await Promise.race([new Promise<void>(resolve => void (member.#listens = resolve)), member.#exited])
    if (member.#url === '') throw new Error(`The process of ${membership.name} did not start.`)
    return member
  }

  get name(): string {
    return this.membership.name
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** So many requests in the same moment. */
  burst(requests: number, nonce: string): Promise<Burst> {
    return burst(requests, nonce, this.#asker(nonce))
  }

  /** One request; which call of the origin it was answered from. */
  async call(nonce: string): Promise<number | undefined> {
    const { body } = await this.#asker(nonce)()
    return (JSON.parse(body) as { readonly call?: number }).call
  }

  /** Drops a path there; resolves with whether the fleet has it too. */
  invalidate(path: string): Promise<boolean> {
    return new Promise(resolve => {
      this.#invalidated = resolve
      this.#child.send({ invalidate: path } satisfies ToMember)
    })
  }

  /** At once, as by a fault: nothing is given back. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
    this.#agent.destroy()
  }

  #asker(nonce: string): Asker['ask'] {
    return httpAsker(`${this.#url}/report?nonce=${nonce}`, { host: HOST, agent: this.#agent }).ask
  }

  #hear(said: FromMember): void {
    switch (said.kind) {
      case 'listening':
        this.#url = said.url
        return this.#listens()
      case 'invalidated':
        return this.#invalidated(said.fleet)
      case 'store':
        this.store.push({ event: said.event, at: said.at - performance.timeOrigin })
    }
  }
}
