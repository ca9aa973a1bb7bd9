// Short messages at the foot of the page after something was done: `notify(text)`, or with an undo.
import { reactive } from 'vue'

/** A message on the screen. */
export interface Notice {
  id: number
  text: string
  bad: boolean
  /** Name and act of a button in it. */
  action?: { label: string; run: () => void }
}

let last = 0
/** Messages now on the screen; drawn by the shell. */
export const notices = reactive<Notice[]>([])

/** Takes a message away. */
export function dismiss(id: number): void {
  const at = notices.findIndex((it) => it.id === id)
  if (at >= 0) notices.splice(at, 1)
}

/** Shows a message for a while; bad ones stay until dismissed. */
export function notify(text: string, options: { bad?: boolean; action?: Notice['action'] } = {}): void {
  const id = ++last
  notices.push({ id, text, bad: options.bad ?? false, action: options.action })
  if (!options.bad) setTimeout(() => dismiss(id), options.action ? 12_000 : 5_000)
}
