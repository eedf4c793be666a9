import { MaxHeap } from './max-heap.ts'

/**
 * The most hits that any cache of this size can have (Belady): it drops, or does not store at all, what is asked for
 * again last of all. A time of use stands for the object that is asked for then, so the heap holds nothing but times.
 */
export function optimalHits(trace: readonly number[], size: number): number {
  const nextUses = nextUsesOf(trace)
  const stored = new Set<number>()
  const uses = new MaxHeap()
  let hits = 0
  for (const [time, object] of trace.entries()) {
    const again = nextUses[time] ?? Infinity
    if (stored.has(object)) {
      hits += 1
      if (again === Infinity) stored.delete(object)
      else uses.push(again)
    } else if (again !== Infinity && makeRoom(again)) {
      stored.add(object)
      uses.push(again)
    }
  }
  return hits

  /** Past times are smaller than all others and never reach the top, so the top is stored. */
  function makeRoom(again: number): boolean {
    if (stored.size < size) return true
    const last = uses.top()
    if (last === undefined || last < again) return false
    uses.pop()
    stored.delete(trace[last] ?? -1)
    return true
  }
}

/** For each request the time of the next one for the same object, or Infinity. */
function nextUsesOf(trace: readonly number[]): number[] {
  const next = new Map<number, number>()
  const uses = Array.from(trace, () => Infinity)
  for (let time = trace.length - 1; time >= 0; time -= 1) {
    const object = trace[time] ?? -1
    uses[time] = next.get(object) ?? Infinity
    next.set(object, time)
  }
  return uses
}
