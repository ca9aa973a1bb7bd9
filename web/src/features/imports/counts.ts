// Sums of an import: rows must be the matched, doubtful, unknown and refused ones together, and the
// report says by how much they are not.
import type { ImportCounts } from '@/shared/api'

/** What a row of a file came to. */
export type RowPart = 'matched' | 'doubtful' | 'unknown' | 'refused_rows'

/** The parts of the rows, in the order in which they are drawn. */
export const ROW_PARTS: RowPart[] = ['matched', 'doubtful', 'unknown', 'refused_rows']

/** Rows that no part accounts for; 0 when the sum holds. */
export function rowGap(counts: ImportCounts): number {
  return counts.rows - ROW_PARTS.reduce((sum, part) => sum + counts[part], 0)
}

/** Rows or cells that did not come in, whatever the reason. */
export function refused(counts: ImportCounts): number {
  return counts.refused_rows + counts.refused_cells
}

/** Seconds left of a long step, from how far it came in how many seconds; none before it can be told. */
export function secondsLeft(done: number, total: number, elapsed: number): number | null {
  if (elapsed < 2 || done <= 0 || total <= done) return null
  return Math.max(1, Math.round((elapsed / done) * (total - done)))
}
