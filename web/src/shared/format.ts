// How figures, dates, digests and money are written, in one place. Exact decimals arrive as text
// and are grouped as text, so no digit is ever changed on the way to the screen.

/** What stands where a figure is not known. */
export const UNKNOWN = { 'zh-CN': '未知', en: 'unknown' } as const

/** Languages of the interface. */
export type Language = 'zh-CN' | 'en'

const MINUS = '−'
const ZONE = 'Asia/Shanghai'

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** A whole number with thousands marks: 2,958. */
export function count(value: number): string {
  return (value < 0 ? MINUS : '') + group(String(Math.abs(Math.trunc(value))))
}

/** A number at fixed decimals: 83.95. Without decimals: as short as it is. */
export function number(value: number, decimals?: number): string {
  const text = decimals === undefined ? String(Math.abs(value)) : Math.abs(value).toFixed(decimals)
  if (text.includes('e')) return value.toLocaleString('en-US', { maximumFractionDigits: 12 }).replace('-', MINUS)
  const [whole = '0', rest] = text.split('.')
  // A number that rounds to nothing carries no sign.
  const zero = /^[0.]*$/.test(text)
  return (value < 0 && !zero ? MINUS : '') + group(whole) + (rest ? `.${rest}` : '')
}

/** A computed number with at most so many decimals and no trailing noughts: 25.39, 0.0125. */
export function short(value: number, most = 4): string {
  if (value !== 0 && Math.abs(value) < 10 ** -most) return value.toExponential(2).replace('-', MINUS)
  const text = number(value, most)
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
}

/** An exact decimal as text, grouped, digits untouched; other text is returned as it is. */
export function decimal(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (!parts) return text
  const [, sign, whole = '0', rest] = parts
  return (sign ? MINUS : '') + group(whole) + (rest ? `.${rest}` : '')
}

/** With its sign written out: +3.10, −0.16. */
export function signed(text: string): string {
  const shown = decimal(text.trim().replace(/^\+/, ''))
  return shown.startsWith(MINUS) || /^[0.,]*$/.test(shown) ? shown : `+${shown}`
}

/** A difference of numbers with its sign. */
export function signedNumber(value: number, decimals = 0): string {
  const shown = number(value, decimals)
  return value > 0 && !/^[0.,]*$/.test(shown) ? `+${shown}` : shown
}

/** A share 0..1 as per cent: 19.98%. */
export function percent(share: number, decimals = 2): string {
  return `${number(share * 100, decimals)}%`
}

/** Money in yuan, from an exact decimal, in the unit that reads best: 213.6 万元, 1.25 亿元. */
export function money(yuan: string | null, language: Language = 'zh-CN'): string {
  if (yuan === null) return UNKNOWN[language]
  const value = Number(yuan)
  if (!Number.isFinite(value)) return yuan
  const size = Math.abs(value)
  if (language === 'en') {
    if (size >= 1e6) return `CNY ${number(value / 1e6, 2)} m`
    if (size >= 1e4) return `CNY ${number(value / 1e3, 1)} k`
    return `CNY ${number(value, Number.isInteger(value) ? 0 : 2)}`
  }
  if (size >= 1e8) return `${number(value / 1e8, 2)} 亿元`
  if (size >= 1e4) return `${number(value / 1e4, 1)} 万元`
  return `${number(value, Number.isInteger(value) ? 0 : 2)} 元`
}

/** 2026-02-14, of a date or an instant (in China's time). */
export function date(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text
  return dateTime(text).slice(0, 10)
}

/** 2026-02-14 09:30, in China's time. */
export function dateTime(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return text
  // The Swedish form is the ISO order of parts.
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: ZONE,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
}

/** The first eight places of a digest, in fours: 7f3a 91c2. */
export function digest(text: string): string {
  const hex = text.replace(/^[a-z0-9]+:/, '')
  return hex.length <= 8 ? hex : `${hex.slice(0, 4)} ${hex.slice(4, 8)}`
}

/** A credit code shortened in the middle: 9137…4K7Q. */
export function shortCode(code: string): string {
  return code.length === 18 ? `${code.slice(0, 4)}…${code.slice(-4)}` : code
}

/** Bytes: 12.4 MB. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${number(size / 1024, 1)} KB`
  return `${number(size / 1024 / 1024, 1)} MB`
}

/** Milliseconds: 38 ms, 1.2 s. */
export function duration(ms: number): string {
  return ms < 1000 ? `${number(ms, ms < 10 ? 1 : 0)} ms` : `${number(ms / 1000, 1)} s`
}
