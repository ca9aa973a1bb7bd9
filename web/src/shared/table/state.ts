// A list's state in the address: page, size, sort, search and its own filters, so that a view can be
// linked, reloaded and gone back to.
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

/** A single value of the query; repeated ones count once. */
function first(value: unknown): string | null {
  const one = Array.isArray(value) ? value[0] : value
  return typeof one === 'string' && one !== '' ? one : null
}

/** The address's query as named values; `set` writes several at once and replaces the entry. */
export function useAddress() {
  const route = useRoute()
  const router = useRouter()

  function set(change: Record<string, string | number | boolean | null | undefined>, keep = false): Promise<unknown> {
    const query: LocationQueryRaw = { ...route.query }
    for (const [key, value] of Object.entries(change)) {
      if (value === null || value === undefined || value === '' || value === false) delete query[key]
      else query[key] = String(value)
    }
    const to = { query, hash: route.hash }
    return keep ? router.push(to) : router.replace(to)
  }

  /** One value as text. */
  function text(key: string): WritableComputedRef<string | null> {
    return computed({ get: () => first(route.query[key]), set: (value) => void set({ [key]: value }) })
  }

  /** One value as a number. */
  function figure(key: string): WritableComputedRef<number | null> {
    return computed({
      get: () => {
        const value = first(route.query[key])
        return value !== null && Number.isFinite(Number(value)) ? Number(value) : null
      },
      set: (value) => void set({ [key]: value }),
    })
  }

  return { text, figure, set }
}

/** What a list needs from the address. Changing a filter, the search or the sort goes to page 1. */
export function useTableState(options: { sort?: string | null; size?: number; filters?: string[] } = {}) {
  const address = useAddress()
  const names = options.filters ?? []
  const pageText = address.figure('page')
  const sizeText = address.figure('size')
  const sortText = address.text('sort')
  const qText = address.text('q')
  const values = Object.fromEntries(names.map((name) => [name, address.text(name)]))

  const page = computed({ get: () => Math.max(1, pageText.value ?? 1), set: (n) => void address.set({ page: n > 1 ? n : null }) })
  const size = computed({
    get: () => Math.min(200, Math.max(10, sizeText.value ?? options.size ?? 50)),
    set: (n) => void address.set({ size: n === (options.size ?? 50) ? null : n, page: null }),
  })
  const sort = computed({
    get: () => sortText.value ?? options.sort ?? null,
    set: (value) => void address.set({ sort: value === (options.sort ?? null) ? null : value, page: null }),
  })
  const q = computed({ get: () => qText.value ?? '', set: (value) => void address.set({ q: value, page: null }) })

  /** The filters that are set, by name. */
  const filters = computed(() => Object.fromEntries(names.map((name) => [name, values[name]?.value ?? null])))
  /** Sets filters (null clears) and goes to page 1. */
  function filter(change: Record<string, string | number | null>): void {
    void address.set({ ...change, page: null })
  }
  /** What the server is asked for. */
  const query = computed(() => ({
    ...filters.value,
    q: q.value || null,
    sort: sort.value,
    page: page.value,
    size: size.value,
  }))

  return { page, size, sort, q, filters, filter, query, address }
}
