/** The maximum depth of a value in a key, since clients choose the depth. */
const MAX_DEPTH = 64

/** A value without a text form, or one that is too large. */
class Unfit extends Error {}

/**
 * The text of a parsed body, different for all values that a handler can distinguish. Null for anything but plain data
 * (bytes, streams, files, class instances), for deeper nesting, and for a text longer than `maxLength`.
 */
export function canonical(value: unknown, maxLength: number): string | null {
  const writer = new Writer(maxLength)
  try {
    writer.write(value, 0)
    return writer.text
  } catch (error) {
    if (error instanceof Unfit) return null
    throw error
  }
}

/** Writes JSON, with members in their own order, and extra words for values that JSON lacks. */
class Writer {
  text = ''
  readonly #maxLength: number

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  write(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw new Unfit()
    if (typeof value !== 'object' || value === null) this.#add(scalar(value))
    else if (Array.isArray(value)) this.#array(value, depth)
    else this.#object(value, depth)
  }

  #add(text: string): void {
    this.text += text
    // This also ends the writing of a value that contains itself.
    if (this.text.length > this.#maxLength) throw new Unfit()
  }

  #array(array: readonly unknown[], depth: number): void {
    // An array with holes, or with extra properties, has more content than its items.
    if (Object.getPrototypeOf(array) !== Array.prototype || Reflect.ownKeys(array).length !== array.length + 1)
      throw new Unfit()
    this.#add('[')
    for (let at = 0; at < array.length; at += 1) {
      if (!Object.hasOwn(array, at)) throw new Unfit()
      this.write(array[at], depth + 1)
      this.#add(',')
    }
    this.#add(']')
  }

  #object(object: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype !== Object.prototype && prototype !== null) throw new Unfit()
    // Query parsers make objects without a prototype.
    this.#add(prototype === null ? 'n{' : '{')
    for (const name of Reflect.ownKeys(object)) {
      const member = Reflect.getOwnPropertyDescriptor(object, name)
      if (typeof name !== 'string' || member?.enumerable !== true || !('value' in member)) throw new Unfit()
      this.#add(`${JSON.stringify(name)}:`)
      this.write(member.value, depth + 1)
      this.#add(',')
    }
    this.#add('}')
  }
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  // JSON can express -0 and Infinity (as 1e999), and both print as themselves here.
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value)
  throw new Unfit()
}
