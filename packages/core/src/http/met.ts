/** On a request, all instances that it came to. A set of requests would make each of them work for the collector. */
const MET: unique symbol = Symbol('stampede.met')

/** Whether a request comes to an instance, known by its state, for the first time. From now on it has. */
export function isFirstAt(request: { [MET]?: readonly object[] }, instance: object): boolean {
  const met = request[MET]
  if (met === undefined) request[MET] = [instance]
  else if (met.includes(instance)) return false
  else request[MET] = [...met, instance]
  return true
}
