/**
 * What the command line asks for.
 *
 * @param {readonly string[]} args
 * @param {readonly string[]} names all that there are
 * @returns {{ only: readonly string[] } | { error: string }}
 */
export function parse(args, names) {
  if (args.length === 0) return { only: names }
  const [option, value = '', ...rest] = args[0]?.startsWith('--only=')
    ? ['--only', args[0].slice('--only='.length), ...args.slice(1)]
    : args
  if (option !== '--only')
    return { error: `There is no option ${option}; the one there is: --only ${names.join(',')}.` }
  if (rest.length > 0) return { error: `After --only comes one list, without spaces; "${rest.join(' ')}" is too much.` }
  const only = value.split(',').filter(name => name !== '')
  if (only.length === 0)
    return { error: `--only needs names, such as --only bun,workerd; there are ${names.join(', ')}.` }
  const unknown = only.filter(name => !names.includes(name))
  if (unknown.length > 0) return { error: `There is no runtime ${unknown.join(', ')}; there are ${names.join(', ')}.` }
  return { only: [...new Set(only)] }
}
