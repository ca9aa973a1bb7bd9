// Views of a list that somebody kept: which rows, in which order, with which columns. A view is the
// list's part of the address and the choice of columns, under a name, in this browser.
import type { LocationQuery } from 'vue-router'

/** A kept view. */
export interface View {
  title: string
  query: Record<string, string>
  columns: Record<string, boolean>
}

/** What of the address is about one moment or one row, and not about the list. */
const PASSING = new Set(['page', 'firm', 'rule', 'whatif', 'w', 'kept', 'next'])

/** The list's part of an address. */
export function listPart(query: LocationQuery): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [key, value] of Object.entries(query).sort(([a], [b]) => a.localeCompare(b))) {
    const one = Array.isArray(value) ? value[0] : value
    if (!PASSING.has(key) && typeof one === 'string' && one !== '') found[key] = one
  }
  return found
}

/** Whether a view is what is shown now. */
export function isShown(view: View, query: Record<string, string>): boolean {
  return JSON.stringify(view.query) === JSON.stringify(query)
}

/** The views with one more; a title that is there already is taken over. */
export function withView(views: View[], view: View): View[] {
  const title = view.title.trim()
  if (!title) return views
  return [...views.filter((it) => it.title !== title), { ...view, title }]
}

/** Kept views as they were written; anything else counts as none. */
export function readViews(text: string | null): View[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(found)) return []
    return found.filter(
      (it: Partial<View> | null): it is View => typeof it?.title === 'string' && typeof it.query === 'object' && it.query !== null && typeof it.columns === 'object' && it.columns !== null,
    )
  } catch {
    return []
  }
}
