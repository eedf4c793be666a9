/** On a request, the instance that it came to, or all of them. A set of requests would make each of them work for the collector. */
const MET: unique symbol = Symbol('stampede.met')

/** Whether a request comes to an instance, known by its state, for the first time. From now on it has. */
export function enterOnce(request: { [MET]?: object | readonly object[] }, instance: object): boolean {
  const met = request[MET]
  if (met === undefined) request[MET] = instance
  else if (met === instance || (Array.isArray(met) && met.includes(instance))) return false
  else request[MET] = [instance].concat(met)
  return true
}
