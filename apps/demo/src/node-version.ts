/** What is wrong with this version of Node, as a sentence, or `undefined`. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
  if (isSupported) return undefined
  return `Stampede needs Node.js 20.19 or newer on the 20 line, or 22.12 and newer; this is ${version}.`
}
