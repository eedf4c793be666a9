import { declaredLength } from '../rfc/body-length.ts'
import { fallbackOutcome, outcomeOf } from '../response/cache-status.ts'
import { acceptsStale } from '../request/request-directives.ts'
import { boundedBy, type Freshness, isStored } from '../rfc/freshness.ts'
import { combined, replacing } from '../rfc/headers.ts'
import { StreamingResponse } from './streaming-response.ts'
import { ResponseStorage, type ResolvedResponse } from './response-storage.ts'
import { retryFollowers, releaseFollowers } from './follower-outcome.ts'
import { UNSHARED_MS } from '../response/key-memory.ts'
import type { Failure, ResolvedBody, LeaseOwner, SettledLease } from './lease-owner.ts'
import type { HttpState } from './http-state.ts'
import { entryKey, flightKey, type KeyedRequest, variantOf } from '../request/keyed-request.ts'
import { userTag } from '../response/response-tags.ts'
import { failedWith } from './clone-error.ts'
import { asksAnother, isFirstTry, isTriedAgain, passOn, promotes } from './promotion.ts'
import { handleFrom, overruled } from '../options/response-handle.ts'
import { type BodyEnd, type BodyMemory, SharedBody } from '../body/shared-body.ts'
import { statedBy, variesOn } from '../response/snapshot.ts'
import { refreshInFront } from './refresh.ts'
import { judge, OUTDATING, type Verdict } from '../rfc/storable.ts'
import { type ReceivedResponse, receive } from '../response/received-response.ts'
import { type MadeResponse, StoredResponse } from '../response/stored-response.ts'
import type { HeaderLines, OriginResponse, ReplayDecision, WholeResponse } from '../contract/contract.ts'

const BROKEN: Failure = { status: 500, headers: new Map() }

/** Settles leases: stores answers, and releases followers. */
export class HttpSettlement implements LeaseOwner {
  readonly #state: HttpState
  readonly #storage: ResponseStorage

  constructor(state: HttpState) {
    this.#state = state
    this.#storage = new ResponseStorage(state)
  }

  judge(
    { request, flight }: SettledLease,
    origin: OriginResponse,
    headers: HeaderLines,
    bodyBytes: number | undefined,
  ): Verdict {
    const { policy, view } = request
    const handle = handleFrom(request.handle)
    const verdict = judge(
      { status: origin.status, headers, stated: statedBy(origin, headers) },
      {
        sharedAuthorization: policy.credentials === 'share' && view.header('authorization') !== undefined,
        conditional: flight.conditions !== '',
        bodyBytes,
        maxBodyBytes: policy.maxBodyBytes,
        targetList: policy.targetList,
        defaultLifetime: (of, lines) =>
          policy.lifetime({ status: of, header: name => combined(lines, name.toLowerCase()) }),
        staleWhileRevalidate: policy.staleWhileRevalidate,
        staleIfError: policy.staleIfError,
        ttl: handle?.ttl,
        wallNow: Date.now(),
      },
    )
    return overruled(verdict, handle)
  }

  get memory(): BodyMemory {
    return this.#state.streamingBudget
  }

  report({ view }: KeyedRequest, error: unknown): void {
    this.#state.emit({ type: 'error', target: view.target, error })
  }

  replay({ request, flight }: SettledLease, origin: WholeResponse): ReplayDecision {
    const received = receive(origin, request.policy, this.#state.clock)
    const made = new StoredResponse({ key: '', body: origin.body, tags: [], lifetime: 0, ...received })
    const outcome = outcomeOf(request.policy, { kind: 'miss', forward: flight.forward, forwardStatus: 304 })
    return { kind: 'replay', response: made.replayFor(request.view, received.now), outcome }
  }

  fallback({ request, flight }: SettledLease, status: number): ReplayDecision | undefined {
    const { replaces } = flight
    const now = this.#state.clock.now()
    // RFC 5861 s4. An invalidated response must not be served.
    const isUsable = replaces !== undefined && !replaces.isRemoved && now < replaces.fallbackUntil
    if (status < 500 || !isUsable || request.directives.noCache) return undefined
    this.#state.counts.staleHits += 1
    this.#state.emit({ type: 'stale', target: request.view.target })
    return { kind: 'replay', response: replaces.replayFor(request.view, now), outcome: fallbackOutcome(request.policy) }
  }

  resolved(lease: SettledLease, origin: OriginResponse, body: ResolvedBody, freshness: Freshness): void {
    if (!isTriedAgain(this.#state, lease, freshness)) this.#resolve(lease, origin, body, freshness)
    else if (body instanceof SharedBody) body.drop()
  }

  #resolve(lease: SettledLease, origin: OriginResponse, body: ResolvedBody, freshness: Freshness): void {
    const { request, flight } = lease
    const { keyMemory, clock } = this.#state
    // Shareable again: the next requests may wait for one another.
    if (keyMemory.markShared(flight.key)) this.#state.publishShareable(request)
    if (flight.isSolo) return
    const received = receive(origin, request.policy, clock)
    const { now } = received
    const vary = this.#learnVary(request, received)
    const variant = variantOf(request, vary)
    const key = entryKey(request.view.method, variant)
    flight.addTags(handleFrom(request.handle)?.tags.map(userTag) ?? [])
    const { tags } = flight
    const bounded = boundedBy(flight.maxTtl, freshness)
    const { lifetime } = bounded
    const { lease: shared } = flight
    const made: MadeResponse = { key, body, tags, lifetime, stale: bounded, version: shared?.version, ...received }
    const response = new StoredResponse(made)
    const resolved = { made, variant, vary, freshness: bounded }
    if (body instanceof SharedBody || shared !== undefined)
      this.#startStreaming(lease, variant, new StoredResponse({ ...made, lifetime: freshness.joinedFor }))
    if (!(body instanceof SharedBody)) this.#storage.keep(lease, response, resolved)
    // Every follower has its reader before the body continues.
    releaseFollowers(flight, response, { vary, variant, now })
    if (body instanceof SharedBody) this.#share(lease, body, resolved)
  }

  /** RFC 9111 s4.1: the headers that the answers of a key vary on, including this one's. */
  #learnVary({ key, view }: KeyedRequest, { headers, origin }: ReceivedResponse): readonly string[] {
    return this.#state.keyMemory.learnVary(key, variesOn(headers, origin.headers, view.header('origin')))
  }

  /** New requests join the flight, under the key of its actual variant. */
  #startStreaming({ request, flight }: SettledLease, variant: string, response: StoredResponse): void {
    flight.streaming = response
    this.#state.rekey(request, flight, flightKey(request.view.method, flight.conditions, variant))
  }

  #share(lease: SettledLease, body: SharedBody, resolved: ResolvedResponse): void {
    const arrival = new StreamingResponse(this.#state, {
      lease,
      body,
      declaredBytes: declaredLength(resolved.made.origin.headers),
      isStorable: isStored(resolved.freshness),
      onEnd: end => this.#ended(lease, end, body, resolved),
    })
    body.share(arrival)
  }

  /** The followers have the body so far, and their readers receive its end themselves. */
  #ended(lease: SettledLease, end: BodyEnd, body: SharedBody, resolved: ResolvedResponse): void {
    const { request, flight } = lease
    if (end.kind === 'whole')
      this.#storage.keep(lease, new StoredResponse({ ...resolved.made, body: body.takeWhole() }), resolved)
    else if (end.kind === 'length') this.declined(lease, end.kind)
    else if (end.kind === 'broken' && !request.view.isGone()) this.failed(lease, end.error)
    else {
      const isOverflow = end.kind === 'overflow'
      if (isOverflow) flight.lease?.pass(0, 'process')
      else flight.lease?.release()
      if (this.#state.flights.leave(flight) && isOverflow)
        this.#state.emit({ type: 'decline', target: request.view.target, reason: 'size' })
    }
  }

  declined(lease: SettledLease, reason: string): void {
    this.#state.emit({ type: 'decline', target: lease.request.view.target, reason })
    if (reason !== 'status' || !isFirstTry(lease.flight)) return this.#leaveUnshared(lease, reason, true)
    // An answer that concerns one request says nothing about those of others.
    if (asksAnother(this.#state, lease)) return
    passOn(lease.flight)
    this.#leaveUnshared(lease, reason, false)
  }

  #leaveUnshared(lease: SettledLease, reason: string, isKnown: boolean): void {
    const { flight } = lease
    const { flights, keyMemory, clock, store } = this.#state
    flight.lease?.pass(UNSHARED_MS, 'caller')
    const isCurrent = flights.leave(flight)
    if (flight.isSolo || (isCurrent && isKnown)) keyMemory.markUnshared(flight.key, clock.now())
    // The stored response no longer represents the origin's answer.
    if (isCurrent && flight.replaces !== undefined && OUTDATING.has(reason)) store.delete(flight.replaces.key)
    else this.#storage.backOff(lease)
    for (const follower of flight.release()) follower.settle({ kind: 'alone', reason })
  }

  fellBack(lease: SettledLease, error: unknown, status: number): void {
    const { request, flight } = lease
    this.#state.counts.errors += 1
    this.#state.emit({ type: 'fail', target: request.view.target, error })
    // Other processes have the stored response too: they serve it, instead of asking an origin in trouble.
    flight.lease?.fail(error ?? failedWith(status))
    this.#state.flights.leave(flight)
    this.#storage.backOff(lease)
    const { replaces: stored } = flight
    for (const follower of flight.release()) {
      const takesIt = stored !== undefined && acceptsStale(follower.request.directives)
      follower.settle(takesIt ? { kind: 'fallback', stored } : { kind: 'alone', reason: 'failed' })
    }
  }

  keepForValidation(lease: SettledLease, origin: WholeResponse): void {
    const { request } = lease
    const received = receive(origin, request.policy, this.#state.clock)
    const variant = variantOf(request, this.#learnVary(request, received))
    this.#storage.keepForValidation(lease, { ...received, body: origin.body }, variant)
  }

  failed(lease: SettledLease, error: unknown, failure: Failure = BROKEN): void {
    const { request, flight } = lease
    this.#state.counts.errors += 1
    this.#state.emit({ type: 'fail', target: request.view.target, error })
    if (isTriedAgain(this.#state, lease, failure.freshness)) return
    const isCurrent = this.#state.leave(flight)
    const { headers } = failure
    const own = [...headers].map(([name, lines]) => replacing(name, lines.join(', ')))
    const vary = this.#state.keyMemory.learnVary(request.key, variesOn(own, headers, request.view.header('origin')))
    const variant = variantOf(request, vary)
    const key = entryKey(request.view.method, variant)
    // A request with another key may be of another variant.
    if (key === flight.sharedKey) flight.lease?.fail(error)
    else flight.lease?.pass(0, 'process')
    // After the commit, because the record is removed together with the stored response.
    this.#storage.threw(lease, { error, key, failure, isCurrent })
    for (const follower of flight.release()) {
      if (variantOf(follower.request, vary) === variant) follower.fail(error)
      else follower.settle({ kind: 'again' })
    }
  }

  notFound({ request, flight }: SettledLease): void {
    const { replaces } = flight
    flight.lease?.release()
    if (replaces?.isRemoved === false) refreshInFront(this.#state, request.view, replaces, 'not-found')
    // The followers ask again, and the first of them leads.
    retryFollowers(this.#state.flights, flight)
  }

  abandoned(lease: SettledLease): void {
    const { flight } = lease
    this.#state.flights.leave(flight)
    if (promotes(this.#state, lease, flight.isSecond)) return
    flight.lease?.release()
    for (const follower of flight.release()) follower.settle({ kind: 'again' })
  }
}
