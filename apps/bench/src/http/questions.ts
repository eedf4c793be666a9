/** What the server's process can be asked; each answer is a number. */
export type Question = 'cpu' | 'runs' | 'open' | 'watch' | 'block'

/** What the server's process says: first of all its port, then one answer for each question. */
export interface Said {
  readonly value: number
}
