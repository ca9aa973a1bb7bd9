// The ground that everything stands on: paper, or the dark one for a wall of screens. Kept in the
// browser; the tokens do the rest, and charts read them anew.
import { ref, watch } from 'vue'

/** A ground of the tokens. */
export type Ground = 'paper' | 'wall'

const KEPT = 'baigong.ground'

/** The ground now. */
export const ground = ref<Ground>(localStorage.getItem(KEPT) === 'wall' ? 'wall' : 'paper')

watch(
  ground,
  (now) => {
    if (now === 'wall') document.documentElement.dataset.ground = 'wall'
    else delete document.documentElement.dataset.ground
    localStorage.setItem(KEPT, now)
  },
  { immediate: true, flush: 'sync' },
)
