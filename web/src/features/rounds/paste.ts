// Invoice lines as they are typed or pasted from a spreadsheet: cells, heads, dates and sums as people
// write them, and what is wrong with a line before the server is asked.
import type { NewLine } from '@/shared/api'

/** Fields of a line, in the order in which columns are expected. */
export const FIELDS = ['invoice', 'line', 'seller', 'on', 'item', 'amount', 'serial'] as const
export type Field = (typeof FIELDS)[number]
/** A line as typed: everything is text. */
export type Draft = Record<Field, string>

/** An empty line. */
export function blank(): Draft {
  return { invoice: '', line: '', seller: '', on: '', item: '', amount: '', serial: '' }
}

/** Nothing stands in it. */
export function isBlank(draft: Draft): boolean {
  return FIELDS.every((it) => draft[it].trim() === '')
}

/** Rows and cells of what a spreadsheet puts on the clipboard; a cell in quotes may hold tabs and line ends. */
export function cells(text: string): string[][] {
  const rows: string[][] = [['']]
  const row = () => rows[rows.length - 1]!
  const add = (part: string) => (row()[row().length - 1] += part)
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const it = text[at]!
    if (quoted) {
      if (it !== '"') add(it)
      else if (text[at + 1] === '"') add(text[++at]!)
      else quoted = false
    } else if (it === '"' && row()[row().length - 1] === '') quoted = true
    else if (it === '\t') row().push('')
    else if (it === '\n') rows.push([''])
    else if (it !== '\r') add(it)
  }
  return rows.map((list) => list.map((it) => it.trim())).filter((list) => list.some((it) => it !== ''))
}

/** Words by which a head names its column. */
const HEADS: [Field, RegExp][] = [
  ['line', /^(发票)?(明细)?(行号|行次|行)$|^line( no\.?)?$/i],
  ['invoice', /发票(号|编号)|数电票号|^票号|^invoice/i],
  ['seller', /销(售|货)?方|卖方|信用代码|纳税人识别号|税号|^seller/i],
  ['on', /日期|^(date|day|on)$/i],
  ['serial', /序列号|编号|出厂|安装|地点|存放|^(serial|place)/i],
  ['item', /购买|项目|货物|名称|品名|设备|^(item|goods|what)/i],
  ['amount', /金额|不含税|价款|^(amount|sum)/i],
]

/** Columns that a head row names; none when the row is no head. */
export function headOf(row: string[]): (Field | null)[] | null {
  const free = new Set<Field>(FIELDS)
  const found = row.map((cell) => {
    const field = HEADS.find(([name, words]) => free.has(name) && words.test(cell))?.[0] ?? null
    if (field) free.delete(field)
    return field
  })
  return found.filter((it) => it !== null).length >= 3 ? found : null
}

/** Digits and marks of full width as plain ones. */
function narrow(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (it) => String.fromCharCode(it.charCodeAt(0) - 0xfee0)).replace(/[\u3000\u00a0]/g, ' ').trim()
}

/** A day as people write it, as 2026-03-05; other text is left as it is. */
export function dayOf(text: string): string {
  const it = narrow(text)
  const parts = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?( .*)?$/.exec(it) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(it)
  if (!parts) return it
  return `${parts[1]}-${parts[2]!.padStart(2, '0')}-${parts[3]!.padStart(2, '0')}`
}

/** A sum without thousands marks and signs of money; other text is left as it is. */
export function sumText(text: string): string {
  const it = narrow(text).replace(/[,\s¥￥元]/g, '')
  return /^-?\d+(\.\d+)?$/.test(it) ? it : narrow(text)
}

/** A line in the form in which the server takes it, where its text allows. */
export function tidy(draft: Draft): Draft {
  return {
    invoice: narrow(draft.invoice).replace(/[\s-]/g, ''),
    line: narrow(draft.line).replace(/^(\d+)\.0+$/, '$1'),
    seller: narrow(draft.seller).replace(/\s/g, '').toUpperCase(),
    on: dayOf(draft.on),
    item: draft.item.trim(),
    amount: sumText(draft.amount),
    serial: draft.serial.trim(),
  }
}

/** Lines of pasted rows: by the head row where there is one, else in the expected order. */
export function parse(text: string): Draft[] {
  const rows = cells(text)
  const head = rows[0] ? headOf(rows[0]) : null
  return (head ? rows.slice(1) : rows).map((row) => {
    const draft = blank()
    row.forEach((cell, n) => {
      const field = head ? head[n] : FIELDS[n]
      if (field) draft[field] = cell
    })
    return tidy(draft)
  })
}

/** What is wrong with a field of a line: a wording key below `rounds.lines.fault`. */
export type LineFaults = Partial<Record<Field, 'missing' | 'invoice' | 'line' | 'seller' | 'on' | 'amount' | 'twice'>>

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** What is wrong with each line; the check digit of the seller's code is the server's to check. */
export function faults(drafts: Draft[]): LineFaults[] {
  const seen = new Set<string>()
  return drafts.map((draft) => {
    const it = tidy(draft)
    const found: LineFaults = {}
    if (!/^(\d{8}|\d{12}|\d{18}|\d{20})$/.test(it.invoice)) found.invoice = 'invoice'
    if (!/^[1-9]\d{0,3}$/.test(it.line)) found.line = 'line'
    if (!/^[0-9A-Z]{18}$/.test(it.seller)) found.seller = 'seller'
    if (!isDay(it.on)) found.on = 'on'
    if (!/^\d+(\.\d+)?$/.test(it.amount) || Number(it.amount) <= 0) found.amount = 'amount'
    for (const field of FIELDS) if (field !== 'serial' && it[field] === '') found[field] = 'missing'
    const key = `${it.invoice} ${it.line}`
    if (!found.invoice && !found.line && seen.has(key)) found.line = 'twice'
    seen.add(key)
    return found
  })
}

/** Lines as they are sent; only of drafts without faults. */
export function lines(drafts: Draft[]): NewLine[] {
  return drafts.map(tidy).map((it) => ({ ...it, line: Number(it.line) }))
}
