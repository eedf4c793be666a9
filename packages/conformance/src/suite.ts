import { afterEach, describe } from 'vitest'
import type { Mount } from './mount.ts'
import { type Scene, type Stage, stage } from './stage.ts'

/** Mounts a scene for one case; it is closed when the case ends. */
export type SetUp = (scene?: Scene) => Promise<Stage>

/** Cases by what they are about. */
export type Groups = Readonly<Record<string, (setUp: SetUp) => void>>

/** Runs all cases against one framework. */
export function suite(mount: Mount, groups: Groups): void {
  const stages: Stage[] = []
  const setUp: SetUp = async scene => {
    const mounted = await stage(mount, scene)
    stages.push(mounted)
    return mounted
  }
  afterEach(async () => {
    for (const mounted of stages.splice(0)) {
      mounted.gate.open()
      await mounted.close()
    }
  })
  for (const [name, cases] of Object.entries(groups)) {
    describe(`${name}:`, () => {
      cases(setUp)
    })
  }
}
