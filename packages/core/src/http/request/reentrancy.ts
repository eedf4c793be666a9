/**
 * A mark on a request: the instance that it entered, or all of them. A set of requests would cost the collector work
 * for each request.
 */
const MET: unique symbol = Symbol('stampede.met')

/** Returns whether a request enters an instance, identified by its state, for the first time. */
export function enterOnce(request: { [MET]?: object | readonly object[] }, instance: object): boolean {
  const met = request[MET]
  if (met === undefined) request[MET] = instance
  else if (met === instance || (Array.isArray(met) && met.includes(instance))) return false
  else request[MET] = [instance].concat(met)
  return true
}
