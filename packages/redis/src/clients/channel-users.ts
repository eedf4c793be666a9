/** How many stores of this process listen to which channels of a subscriber that was given to them: one may be given to several. */
const users = new WeakMap<object, Map<string, number>>()

export function holdChannels(subscriber: object, channels: readonly string[]): void {
  const counts = users.get(subscriber) ?? new Map<string, number>()
  users.set(subscriber, counts)
  for (const channel of channels) counts.set(channel, (counts.get(channel) ?? 0) + 1)
}

/** @returns those that no store listens to any more */
export function releaseChannels(subscriber: object, channels: readonly string[]): readonly string[] {
  const counts = users.get(subscriber)
  return channels.filter(channel => {
    const left = (counts?.get(channel) ?? 0) - 1
    if (left > 0) counts?.set(channel, left)
    else counts?.delete(channel)
    return left === 0
  })
}

/** What goes wrong with a connection that its owner may have ended already is nothing to tell. */
export async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch {
    // It hears nothing any more, which is what was asked for.
  }
}
