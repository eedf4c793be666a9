/** Bytes that are made once, as a handler has that sends a file. */
export function bufferOf(bytes: number): Buffer {
  return Buffer.alloc(bytes, 'x')
}

const ITEM = { id: 100_000, name: 'a name of some length', price: 12.5, tags: ['red', 'round'], available: true }

/** An object whose JSON has exactly so many bytes: items as an API lists them, and a note that fills up the rest. */
export function objectOf(bytes: number): object {
  const each = JSON.stringify(ITEM).length + 1
  const frame = JSON.stringify({ items: [], note: '' }).length
  // The last of the items has no comma behind it.
  const count = Math.max(0, Math.floor((bytes - frame + 1) / each))
  const items = Array.from({ length: count }, (_, at) => ({ ...ITEM, id: ITEM.id + at }))
  const rest = bytes - JSON.stringify({ items, note: '' }).length
  if (rest < 0) throw new RangeError(`No object has as few as ${bytes} bytes of JSON; it takes ${frame}.`)
  return { items, note: 'x'.repeat(rest) }
}
