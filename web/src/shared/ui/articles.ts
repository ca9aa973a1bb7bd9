// Names of articles in both languages: 第十六条, Article 16.
import { language } from '@/app/i18n'

const DIGITS = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九']

/** A number from 1 to 99 in Chinese: 十六. */
export function chineseNumber(n: number): string {
  const tens = Math.floor(n / 10)
  const ones = n % 10
  return (tens > 1 ? DIGITS[tens] : '') + (tens > 0 ? '十' : '') + (ones > 0 ? DIGITS[ones] : '')
}

/** An article of the regulation, in the interface's language. */
export function articleName(n: number): string {
  return language.value === 'en' ? `Article ${n}` : `条例第${chineseNumber(n)}条`
}
