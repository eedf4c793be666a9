import { describe, expect, it } from 'vitest'
import { leaseOf, setting } from '../../support/leases.ts'
import { answer, lines, view } from '../../support/views.ts'

describe('a response for revalidation', () => {
  it.each([
    ['all of a text', { body: 'abcd', headers: { 'content-length': '4' } }, 1],
    ['a text that is shorter than it says', { body: 'abcd', headers: { 'content-length': '5' } }, 0],
    ['what says no version', { body: 'abcd', headers: { etag: undefined } }, 0],
  ])('is stored where it is whole (RFC 9111 s3.3): %s', async (_name, { body, headers }, entries) => {
    const { http } = setting()
    const lease = await leaseOf(http.open(view()))
    lease.snapshot(answer(body, { headers: lines({ 'cache-control': 'no-cache', etag: '"v1"', ...headers }) }))
    lease.fulfill()
    expect(http.stats().entries).toBe(entries)
  })
})
