import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resolveStampedeOptions } from '../../src/functions/state/function-options.ts'

const lines = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').split('\n')
const table = lines.slice(lines.findIndex(line => /^\| option +\| default +\|/.test(line)) + 2)
const rows = table
  .slice(0, table.indexOf(''))
  .map(row => row.split('|').map(cell => cell.trim()))
  .map(([, name = '', byDefault = '']) => [name.replaceAll('`', ''), byDefault] as const)

/** A default as the table writes it. */
function shown(name: string, value: unknown): string {
  if (typeof value === 'number') return `${value}`
  if (value === Math.random) return 'Math.random'
  return name === 'clock' ? "the runtime's" : 'none'
}

it('the README names the default of every option as the code has it', () => {
  const defaults = Object.entries(resolveStampedeOptions(undefined))
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(defaults.map(([name, value]) => [name, shown(name, value)])),
  )
})
