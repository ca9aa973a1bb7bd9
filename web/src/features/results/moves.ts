// Comparing classes: which way a firm moved, and the cells of the transition table.
import type { Transition } from '@/shared/api'

/** Way from one class to another in the scheme's order (best first). */
export function direction(order: string[], from: string | null, to: string): 'up' | 'down' | 'same' | 'none' {
  const before = from === null ? -1 : order.indexOf(from)
  const after = order.indexOf(to)
  if (before < 0 || after < 0) return 'none'
  return after < before ? 'up' : after > before ? 'down' : 'same'
}

/** Mark of a way: ↑, ↓, nothing. */
export function arrow(way: ReturnType<typeof direction>): string {
  return way === 'up' ? '↑' : way === 'down' ? '↓' : ''
}

/** The transition table: rows by last year's class, columns by this year's, with sums. */
export function matrix(transitions: Transition[], order: string[]) {
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : name === '-' ? 999 : 500)
  const names = (of: (it: Transition) => string) =>
    [...new Set(transitions.map(of))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'zh-CN'))
  const to = [...new Set([...order.filter((name) => transitions.some((it) => it.to === name)), ...names((it) => it.to)])]
  const rows = names((it) => it.from).map((from) => {
    const cells = to.map((name) => transitions.find((it) => it.from === from && it.to === name)?.count ?? 0)
    return { from, cells, total: cells.reduce((sum, n) => sum + n, 0) }
  })
  const totals = to.map((_, n) => rows.reduce((sum, row) => sum + (row.cells[n] ?? 0), 0))
  return { to, rows, totals, total: totals.reduce((sum, n) => sum + n, 0) }
}
