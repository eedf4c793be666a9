/** Names and versions are text; all that follows is numbers. */
const TEXT_COLUMNS = 2

/** Rows of cells as lines of text, the first a head: two columns of text, then numbers. */
export function grid(rows: readonly (readonly string[])[], textColumns: number = TEXT_COLUMNS): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const rule = widths.map(width => '-'.repeat(width))
  const pad = (cell: string, column: number): string => {
    const width = widths[column] ?? 0
    return column < textColumns ? cell.padEnd(width) : cell.padStart(width)
  }
  return rows
    .toSpliced(1, 0, rule)
    .map(row => row.map(pad).join('  ').trimEnd())
    .join('\n')
}
