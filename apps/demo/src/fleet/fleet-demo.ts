import { fileURLToPath } from 'node:url'
import { coldScene } from './cold-scene.ts'
import { deathScene, LEASE } from './death-scene.ts'
import { invalidationScene } from './invalidation-scene.ts'
import { outageScene } from './outage-scene.ts'
import { type FleetFigures, FleetStage } from './stage.ts'
import type { Told } from './told.ts'

const FIGURES: FleetFigures = { requests: 1_000, latency: 300, outage: 2_000, timeout: 100 }
/** Beside the command, once both are built. */
const PROGRAM = new URL('member.js', import.meta.url)
const ATTEMPTS = 3
const SCENES = [coldScene, deathScene, outageScene, invalidationScene]

type Scene = (stage: FleetStage) => Promise<Told>
type Print = (line: string) => void

/** Starts a fleet, plays all scenes and returns the exit code: 0 only if every promise was kept. */
export async function runFleetDemo(
  figures: FleetFigures = FIGURES,
  program: string = fileURLToPath(PROGRAM),
  print: Print = line => void process.stdout.write(`${line}\n`),
): Promise<number> {
  const stage = await FleetStage.start(program, figures)
  try {
    print(headOf(stage))
    return await play(stage, SCENES, print)
  } finally {
    await stage.close()
  }
}

/** Prints what becomes of each scene, and what was not as promised. */
export async function play(stage: FleetStage, scenes: readonly Scene[], print: Print): Promise<number> {
  const broken: string[] = []
  for (const [index, scene] of scenes.entries()) {
    const told = await played(stage, scene, print)
    print(textOf(told, index + 1))
    broken.push(...told.broken)
  }
  for (const sentence of broken) print(`Not as promised: ${sentence}`)
  if (broken.length === 0) print('Every promise was kept.')
  return broken.length === 0 ? 0 : 1
}

/** Once more, where what went wrong may be the machine's. */
async function played(stage: FleetStage, scene: Scene, print: Print): Promise<Told> {
  for (let attempt = 1; ; attempt += 1) {
    const told = await scene(stage)
    if (told.broken.length === 0 || !told.isBusy || attempt === ATTEMPTS) return told
    print(
      `This machine is busy: the store took longer than its time limit to answer. ${told.broken.join(' ')} Once more:\n`,
    )
  }
}

function headOf({ members, redis, figures }: FleetStage): string {
  const names = members.map(({ name, pid }) => `${name} (pid ${pid})`)
  return `A fleet of ${members.length} processes that share a ${redis.flavor}: ${names.join(', ')}.
Their handler takes ${figures.latency} ms; a lease holds for ${LEASE} ms unless it is renewed.\n`
}

function textOf({ title, lines }: Told, number: number): string {
  return [`${number}. ${title}`, ...lines.map(line => `   ${line}`), ''].join('\n')
}
