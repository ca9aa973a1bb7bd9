// How a fact's value is written: figures grouped, truth values in words, numbers that are names
// (account numbers) left alone. A fact whose unit has no wording is a text.
import type { Label, SheetCounts } from '@/shared/api'
import { decimal } from '@/shared/format'

/** What the page needs to know of a fact. */
export interface Valued {
  value: string | null
  unit: Label
}

/** True for figures that can be computed with. */
export function isFigure(fact: Valued): boolean {
  return fact.value !== null && fact.unit.zh !== '' && /^-?\d+(\.\d+)?$/.test(fact.value)
}

/** The value as shown; `yes` and `no` are the interface's words. Unknown is the caller's to draw. */
export function written(fact: Valued, yes: string, no: string): string {
  if (fact.value === null) return ''
  if (fact.value === 'true') return yes
  if (fact.value === 'false') return no
  return isFigure(fact) ? decimal(fact.value) : fact.value
}

/** Sheets that no firm has answered yet. */
export function unanswered(counts: SheetCounts): number {
  return counts.total - counts.confirmed - counts.disputed - counts.settled
}
