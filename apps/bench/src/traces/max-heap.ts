/** Numbers of which the greatest comes out first. */
export class MaxHeap {
  readonly #numbers: number[] = []

  top(): number | undefined {
    return this.#numbers[0]
  }

  push(number: number): void {
    let place = this.#numbers.length
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#at(above)
      if (parent >= number) break
      this.#numbers[place] = parent
      place = above
    }
    this.#numbers[place] = number
  }

  pop(): number | undefined {
    const top = this.#numbers[0]
    const last = this.#numbers.pop()
    if (last === undefined || this.#numbers.length === 0) return top
    let place = 0
    for (let below = this.#greaterBelow(place); this.#at(below) > last; below = this.#greaterBelow(place)) {
      this.#numbers[place] = this.#at(below)
      place = below
    }
    this.#numbers[place] = last
    return top
  }

  #greaterBelow(place: number): number {
    const left = 2 * place + 1
    return this.#at(left + 1) > this.#at(left) ? left + 1 : left
  }

  /** Beyond the end there is nothing, which is less than any number. */
  #at(place: number): number {
    return this.#numbers[place] ?? -Infinity
  }
}
