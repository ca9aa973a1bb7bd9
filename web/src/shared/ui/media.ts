// A media query as a value that follows the window.
import { onScopeDispose, ref, type Ref } from 'vue'

/** True while the query matches. */
export function useMedia(query: string): Ref<boolean> {
  const list = window.matchMedia(query)
  const matches = ref(list.matches)
  const follow = (event: MediaQueryListEvent) => (matches.value = event.matches)
  list.addEventListener('change', follow)
  onScopeDispose(() => list.removeEventListener('change', follow))
  return matches
}
