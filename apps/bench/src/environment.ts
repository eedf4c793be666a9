import { arch, cpus, platform } from 'node:os'

/** Where and when the figures were taken. */
export interface Environment {
  readonly node: string
  readonly v8: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly seed: number
  readonly date: string
}

export function environment(seed: number): Environment {
  const cores = cpus()
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${platform()} ${arch()}`,
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    seed,
    date: new Date().toISOString(),
  }
}

/** What was found out, in a line of text. */
export function factsOf(found: object): string {
  return Object.entries(found)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
