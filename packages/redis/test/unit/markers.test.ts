import { describe, expect, it } from 'vitest'
import { passMarker } from '../../src/protocol/record.ts'
import { Signer } from '../../src/protocol/signer.ts'
import { reachedProcess } from './process.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }
const UNSIGNED = { schema: '', signer: undefined }
const TERMS = { schema: '', signer: new Signer(['ours']) }

function marker(terms: typeof TERMS | typeof UNSIGNED): Uint8Array {
  return passMarker({ asOf: 2n ** 40n, each: 'caller' }, terms, 'f/key')
}

describe('where a secret is set, a marker', () => {
  it('that is signed is one', async () => {
    const { driver, tier } = await reachedProcess({ record: TERMS })
    driver.replies.set('ACQUIRE', () => ['PASS', marker(TERMS)])
    expect(await tier.acquire('key', ASKED)).toEqual({ kind: 'pass', each: 'caller' })
  })

  it('that is not is rejected by its version', async () => {
    const { driver, tier } = await reachedProcess({ record: TERMS })
    const forged = marker(UNSIGNED)
    const rejected: unknown[] = []
    driver.replies.set('ACQUIRE', args => {
      const reject = args[8]
      rejected.push(reject)
      return reject === '' ? ['PASS', forged] : ['LEASE']
    })
    expect((await tier.acquire('key', ASKED)).kind).toBe('lead')
    expect(rejected).toEqual(['', Buffer.from(forged.subarray(8, 24))])
  })

  it('that is forged again each time does not make a process ask forever', async () => {
    const { driver, tier } = await reachedProcess({ record: TERMS })
    driver.replies.set('ACQUIRE', () => ['PASS', marker(UNSIGNED)])
    expect(await tier.acquire('key', ASKED)).toEqual({ kind: 'local', reason: 'what is stored is of no use' })
    expect(driver.count('ACQUIRE')).toBe(4)
  })
})
