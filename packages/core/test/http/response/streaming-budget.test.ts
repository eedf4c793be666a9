import { describe, expect, it } from 'vitest'
import { StreamingBudget } from '../../../src/http/response/streaming-budget.ts'
import { StoredResponse } from '../../../src/http/response/stored-response.ts'
import { MemoryStore } from '../../../src/store/memory-store.ts'
import { lines } from '../../support/views.ts'

function stored(key: string, bytes: number): StoredResponse {
  const origin = { status: 200, headers: lines({}) }
  return new StoredResponse({
    key,
    origin,
    headers: [],
    body: new Uint8Array(bytes),
    tags: [],
    now: 0,
    wallNow: 0,
    lifetime: 1,
  })
}

describe('bytes of bodies on their way', () => {
  it('have room up to the limit, and stored responses have the rest', () => {
    const store = new MemoryStore<StoredResponse>(9, 1_000, ({ goneAt }) => goneAt)
    const arriving = new StreamingBudget(store, 1_000)
    expect([store.set(stored('a', 100)), store.set(stored('b', 100))]).toEqual([true, true])
    expect([arriving.hasRoom(1_000), arriving.hasRoom(1_001)]).toEqual([true, false])
    arriving.reserve(200)
    expect([store.size, arriving.reserved, arriving.hasRoom(800), arriving.hasRoom(801)]).toEqual([2, 200, true, false])
    arriving.reserve(200)
    expect([store.size, store.evictions]).toEqual([1, 1])
    arriving.reserve(700)
    expect([store.size, store.set(stored('c', 0))]).toEqual([0, false])
    arriving.reserve(-1_100)
    expect([arriving.reserved, store.set(stored('c', 700))]).toEqual([0, true])
  })
})
