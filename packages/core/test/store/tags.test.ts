import { describe, expect, it } from 'vitest'
import { Tags } from '../../src/store/tags.ts'

describe('tags', () => {
  it.each([
    [[], { t: ['a', 'b'], u: ['a'] }],
    [[['a', ['t']]], { t: ['b'], u: ['a'] }],
    [[['a', ['t', 'u']]], { t: ['b'], u: [] }],
    [[['b', ['u']]], { t: ['a', 'b'], u: ['a'] }],
    [[['c', ['t', 'v']]], { t: ['a', 'b'], u: ['a'] }],
    [
      [
        ['a', ['t', 'u']],
        ['b', ['t']],
      ],
      { t: [], u: [] },
    ],
  ] as const)('know their keys after %j were removed', (removed, expected) => {
    const tags = new Tags()
    tags.add('a', ['t', 'u'])
    tags.add('b', ['t'])
    tags.add('b', ['t'])
    for (const [key, some] of removed) tags.remove(key, some)
    expect({ t: tags.keysOf('t'), u: tags.keysOf('u') }).toEqual(expected)
    tags.add('c', ['u'])
    expect(tags.keysOf('u')).toEqual([...expected.u, 'c'])
  })

  it('fence what began before their invalidation, and not what began after it', () => {
    const tags = new Tags()
    const moments = [tags.moment]
    for (const tag of ['t', 'u', 't']) {
      expect(tags.fence(tag)).toBe(true)
      moments.push(tags.moment)
    }
    const fenced = moments.map(moment => ['t', 'u', 'v'].filter(tag => tags.isFenced([tag], moment)))
    expect(fenced).toEqual([['t', 'u'], ['t', 'u'], ['t'], []])
    expect(moments.map(moment => [...tags.invalidatedSince(moment)].sort())).toEqual(fenced)
    expect([tags.isFenced(['v', 'u'], 0), tags.isFenced([], 0)]).toEqual([true, false])
  })

  it('forget the fences, and not the moment or the keys', () => {
    const tags = new Tags()
    tags.add('a', ['t'])
    tags.fence('t')
    tags.forgetFences()
    expect([tags.isFenced(['t'], 0), tags.moment, tags.keysOf('t')]).toEqual([false, 1, ['a']])
  })

  it('forget all but the moment', () => {
    const tags = new Tags()
    tags.add('a', ['t'])
    tags.fence('t')
    tags.clear()
    expect([tags.isFenced(['t'], 0), tags.moment, tags.keysOf('t')]).toEqual([false, 1, []])
  })

  it('say when they are too many to remember', () => {
    const tags = new Tags()
    const said = Array.from({ length: 1_001 }, (_, id) => tags.fence(`${id}`))
    expect([said.indexOf(false), tags.fence('1000')]).toEqual([1_000, false])
    const few = new Tags()
    for (let time = 0; time < 1_001; time += 1) expect(few.fence('t')).toBe(true)
  })
})
