import { expect, it } from 'vitest'
import { projectsOf, type Scope, scopeOf } from '../testing/projects.ts'

interface Files {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

function filesOf(scope: Scope): Readonly<Record<string, Files>> {
  const projects = projectsOf(scope).map(({ test }) => [
    typeof test?.name === 'string' ? test.name : '',
    { include: test?.include ?? [], exclude: test?.exclude ?? [] },
  ])
  return Object.fromEntries(projects) as Readonly<Record<string, Files>>
}

const [whole, quick, rest] = [filesOf(undefined), filesOf('quick'), filesOf('rest')]

it('one part is empty where the other has a whole project', () => {
  const only = (one: typeof quick, other: typeof quick): typeof quick =>
    Object.fromEntries(Object.entries(one).filter(([name]) => !(name in other)))
  const wholly = (part: typeof quick): typeof quick =>
    Object.fromEntries(Object.keys(part).map(name => [name, whole[name] ?? { include: [], exclude: [] }]))
  expect(only(quick, rest)).toEqual(wholly(only(quick, rest)))
  expect(only(rest, quick)).toEqual(wholly(only(rest, quick)))
})

it.each(Object.entries(whole).filter(([name]) => name in quick && name in rest))(
  'the part rest has of %s what the part quick has not',
  (name, { include, exclude }) => {
    expect(quick[name]?.exclude).toEqual(exclude)
    expect(rest[name]).toEqual({ include, exclude: [...exclude, ...(quick[name]?.include ?? [])] })
  },
)

it('every project is in one of the parts', () => {
  expect(new Set([...Object.keys(quick), ...Object.keys(rest)])).toEqual(new Set(Object.keys(whole)))
})

it('no other part is known', () => {
  expect(scopeOf('')).toBeUndefined()
  expect(() => scopeOf('all')).toThrow('STAMPEDE_TESTS takes quick or rest, not all')
})
