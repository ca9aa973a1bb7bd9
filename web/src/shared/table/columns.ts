// What a table is made of: its columns, how one sorts them in the browser, and how rows become CSV.

/** One column. `Row` is what a line holds. */
export interface Column<Row> {
  /** Name: slot `cell-<key>`, remembered choice, sort field of the server. */
  key: string
  /** Head, in the interface's language. */
  title: string
  /** Unit, written small under the head. */
  unit?: string
  /** Right-aligned tabular figures. */
  num?: boolean
  /** Can be sorted by; a text names the server's field when it differs from `key`. */
  sort?: boolean | string
  /** The value: drawn when there is no slot, sorted by and exported. null: unknown. */
  value?: (row: Row) => string | number | null | undefined
  /** The drawn text when it differs from the value. */
  text?: (row: Row) => string
  /** Unknown is drawn hatched; without this, a null value of a `num` column is. */
  unknown?: (row: Row) => boolean
  /** Hidden until chosen. */
  off?: boolean
  /** Cannot be hidden. */
  always?: boolean
  /** On a phone: `head` is the card's first line, `side` stands at its right, `hide` is left out. */
  card?: 'head' | 'side' | 'hide'
  /** Shown on hover of the head. */
  hint?: string
  /** Mark the head as not seen in its source. */
  unverified?: boolean
  /** Stays in sight at the left while the others scroll under it. */
  pin?: boolean
  /** Text may break over lines (long names, sentences). */
  wrap?: boolean
}

/** How a table is sorted: `field` or `-field`; none: as it came. */
export type Sort = string | null

/** The next state when a head is pressed: up, down, as it came. Figures start with the greatest. */
export function nextSort(now: Sort, field: string, greatestFirst: boolean): Sort {
  const first = greatestFirst ? `-${field}` : field
  const second = greatestFirst ? field : `-${field}`
  if (now === first) return second
  if (now === second) return null
  return first
}

/** Field that a column sorts by. */
export function sortField<Row>(column: Column<Row>): string | null {
  if (!column.sort) return null
  return typeof column.sort === 'string' ? column.sort : column.key
}

/** Sorts rows in the browser; unknown stands last in both directions, equal rows keep their order. */
export function sortRows<Row>(rows: Row[], columns: Column<Row>[], sort: Sort): Row[] {
  if (!sort) return rows
  const down = sort.startsWith('-')
  const field = down ? sort.slice(1) : sort
  const value = columns.find((it) => sortField(it) === field)?.value
  if (!value) return rows
  const words = new Intl.Collator('zh-CN', { numeric: true })
  return [...rows].sort((left, right) => {
    const a = value(left) ?? null
    const b = value(right) ?? null
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b))
    return down ? -order : order
  })
}

function cell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value)
  // A leading =, +, -, @ would be run as a formula by spreadsheet programs; numbers stay numbers.
  const safe = /^[=+@\t\r-]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

/** Rows as CSV with heads and units, for tables whose rows are all in the browser. */
export function toCsv<Row>(rows: Row[], columns: Column<Row>[]): string {
  const heads = columns.map((it) => cell(it.unit ? `${it.title}（${it.unit}）` : it.title)).join(',')
  const lines = rows.map((row) => columns.map((it) => cell(it.value?.(row) ?? it.text?.(row))).join(','))
  return `\ufeff${[heads, ...lines].join('\r\n')}\r\n`
}
