// Taking a whole list along: asks for page after page until every row is there and writes one CSV.
// Never truncates: when the pages do not add up to the stated total, nothing is written.
import type { Page } from '@/shared/api'
import { toCsv, type Column } from '@/shared/table'

/** What was written. */
export interface Taken {
  rows: number
  /** SHA-256 of the file; none where the browser offers no digests. */
  digest: string | null
  name: string
}

/** Rows asked for at once: the most the server gives. */
const AT_ONCE = 200

/** Every row of a list. Throws when the list changed while it was being read. */
export async function everyRow<Row>(ask: (page: number, size: number) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  for (let page = 1; ; page++) {
    const part = await ask(page, AT_ONCE)
    rows.push(...part.rows)
    if (rows.length >= part.total || part.rows.length === 0) {
      if (rows.length !== part.total) throw new Error(`${rows.length} ≠ ${part.total}`)
      return rows
    }
  }
}

/** SHA-256 as hex; none outside a secure context. */
async function digestOf(text: string): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...bytes].map((it) => it.toString(16).padStart(2, '0')).join('')
}

/** Writes a whole list as CSV into the browser's downloads; its name carries rows and digest. */
export async function takeWhole<Row>(
  title: string,
  columns: Column<Row>[],
  ask: (page: number, size: number) => Promise<Page<Row>>,
): Promise<Taken> {
  const rows = await everyRow(ask)
  const text = toCsv(rows, columns)
  const digest = await digestOf(text)
  const name = `${title}-${rows.length}${digest ? `-${digest.slice(0, 8)}` : ''}.csv`
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  return { rows: rows.length, digest, name }
}
