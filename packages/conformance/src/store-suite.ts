import { afterEach, describe } from 'vitest'
import { aliasCases } from './store-cases/alias.ts'
import { changeCases } from './store-cases/changes.ts'
import { flightCases } from './store-cases/flights.ts'
import { keyCases } from './store-cases/keys.ts'
import { leaseCases } from './store-cases/leases.ts'
import { messageCases } from './store-cases/messages.ts'
import { outcomeCases } from './store-cases/outcomes.ts'
import { recordCases } from './store-cases/records.ts'
import { tagCases } from './store-cases/tags.ts'
import type { MountStores } from './store-mount.ts'
import { type SetUpStores, type StoreStage, storeStage } from './store-stage.ts'

const groups: Readonly<Record<string, (setUp: SetUpStores) => void>> = {
  'one flight': flightCases,
  'a lease': leaseCases,
  'how it ends': outcomeCases,
  changes: changeCases,
  tags: tagCases,
  'what others are told': messageCases,
  records: recordCases,
  keys: keyCases,
  'an alias': aliasCases,
}

/** All that a shared store owes. Call it in a test file of the store. */
export function storeSuite(mount: MountStores): void {
  const stages: StoreStage[] = []
  const setUp: SetUpStores = async asked => {
    const stage = await storeStage(mount, asked?.lease)
    stages.push(stage)
    return stage
  }
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close()
  })
  for (const [name, cases] of Object.entries(groups)) {
    describe(`${name}:`, () => {
      cases(setUp)
    })
  }
}
