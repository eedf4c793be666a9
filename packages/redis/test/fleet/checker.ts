import type { Changed, Fetched, Loaded, Seen } from './protocol.ts'

/** A span of time in which something was wrong, and what it was. */
export interface Fault {
  readonly what: string
  readonly from: number
  readonly to: number
}

/** A read that began after an acknowledged change and gave what was fetched before it. */
export interface Stale {
  readonly key: string
  /** How long after the change was acknowledged it began, milliseconds. */
  readonly after: number
  readonly askedAt: number
  readonly changedAt: number
}

/** What many processes did, as one list. */
export function together(loads: readonly Loaded[]): Loaded {
  return {
    seen: loads.flatMap(({ seen }) => seen),
    fetched: loads.flatMap(({ fetched }) => fetched),
    changed: loads.flatMap(({ changed }) => changed),
    errors: loads.flatMap(({ errors }) => errors),
  }
}

/** All reads of old values. What a process fetched that was killed before it could tell is unknown, and passed over. */
export function staleReads({ seen, fetched, changed }: Loaded): readonly Stale[] {
  const beganAt = new Map(fetched.map(fetch => [fetch.value, fetch.beganAt]))
  if (beganAt.size < fetched.length) throw new Error('what two fetches yielded is not to be told apart')
  const changesOf = byKey(changed.filter(({ fleet }) => fleet))
  return seen.flatMap(read => {
    const began = beganAt.get(read.value)
    return began === undefined ? [] : staleness(read, began, changesOf.get(read.key) ?? [])
  })
}

function staleness({ key, askedAt }: Seen, began: number, changes: readonly Changed[]): readonly Stale[] {
  const missed = changes.filter(({ calledAt, doneAt }) => began < calledAt && doneAt < askedAt)
  if (missed.length === 0) return []
  const changedAt = Math.min(...missed.map(({ doneAt }) => doneAt))
  return [{ key, after: askedAt - changedAt, askedAt, changedAt }]
}

/** The stale reads that no fault excuses: none overlaps the time from the change to the read, with so much grace after it. */
export function unexcused(stale: readonly Stale[], faults: readonly Fault[], grace: number): readonly Stale[] {
  return stale.filter(({ askedAt, changedAt, after }) => {
    const isExcused = faults.some(({ from, to }) => from <= askedAt && to + grace >= changedAt && askedAt <= to + grace)
    return after > grace && !isExcused
  })
}

/** The fetches that followed on another one of their key without a change that would explain it. */
export function needless({ fetched, changed }: Loaded, grace: number): readonly Fetched[] {
  const changesOf = byKey(changed)
  return [...byKey(fetched)].flatMap(([key, fetches]) => {
    const inOrder = fetches.toSorted((one, other) => one.beganAt - other.beganAt)
    const changes = changesOf.get(key) ?? []
    return inOrder.filter((fetch, index) => {
      const before = inOrder[index - 1]
      if (before === undefined) return false
      return !changes.some(({ calledAt, doneAt }) => calledAt <= fetch.beganAt && doneAt + grace >= before.beganAt)
    })
  })
}

function byKey<Item extends { readonly key: string }>(items: readonly Item[]): Map<string, Item[]> {
  const map = new Map<string, Item[]>()
  for (const item of items) {
    const its = map.get(item.key)
    if (its) its.push(item)
    else map.set(item.key, [item])
  }
  return map
}
