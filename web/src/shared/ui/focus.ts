// Keeping the focus inside something that lies over the page.

const CAN_FOCUS =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex="-1"])'

/** On Tab at either end, goes round within `box`. */
export function keepFocus(event: KeyboardEvent, box: HTMLElement): void {
  const all = [...box.querySelectorAll<HTMLElement>(CAN_FOCUS)].filter((it) => it.offsetParent !== null)
  const first = all[0]
  const last = all[all.length - 1]
  if (!first || !last) return
  const at = document.activeElement
  if (event.shiftKey && (at === first || at === box)) {
    event.preventDefault()
    last.focus()
  } else if (!event.shiftKey && at === last) {
    event.preventDefault()
    first.focus()
  }
}
