// The region and year chosen at the top of the page. Lists start from them; opening something of
// another region or year moves them along. Kept in the browser, never a limit of what may be seen
// (the server decides that).
import { ref, watch } from 'vue'

const KEPT = 'baigong.scope'

interface Kept {
  division: string | null
  year: number | null
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Kept>
    return { division: kept.division ?? null, year: kept.year ?? null }
  } catch {
    return { division: null, year: null }
  }
}

const start = read()
/** Division code; none: everything that may be seen. */
const division = ref<string | null>(start.division)
/** Evaluation year; none: all. */
const year = ref<number | null>(start.year)

watch([division, year], () => {
  localStorage.setItem(KEPT, JSON.stringify({ division: division.value, year: year.value }))
})

/** The chosen region and year, shared by the whole app. */
export function useScope() {
  return {
    division,
    year,
    /** Follows something that was opened. */
    follow(code: string, of: number): void {
      division.value = code
      year.value = of
    },
    clear(): void {
      division.value = null
      year.value = null
    },
  }
}
