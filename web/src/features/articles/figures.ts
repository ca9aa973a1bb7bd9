// What stands behind the articles, as the server counts it by rule, level and year: narrowed, grouped,
// added up. A rule that several articles name counts once in what is said of all of them.
import type { RouteLocationRaw } from 'vue-router'
import type { ArticleFigure, ArticleView, Label, RuleHead, SchemeRef } from '@/shared/api'
import { sumOf } from '@/features/rounds/reading'

/** Levels in their order. */
export const LEVELS = ['nation', 'province', 'city', 'county']

/** What figures are narrowed by; null: everything. */
export interface Narrow {
  level: string | null
  year: number | null
}

/** A sum of money of one unit. */
export interface Money {
  sum: string
  unit: Label
}

/** Figures added up. A firm counts once for each rule and year in which it is. */
export interface Sum {
  cases: number
  firms: number
  listed: number
  /** By unit; empty where nothing is paid. */
  money: Money[]
}

/** Figures of one level and year. */
export interface Group {
  level: string
  year: number
  figures: ArticleFigure[]
  sum: Sum
}

/** A figure with every article that it stands behind. */
export interface Standing extends ArticleFigure {
  articles: number[]
}

/** Whether a figure is in the narrowed list. */
export function isIn(it: ArticleFigure, by: Narrow): boolean {
  return (by.level === null || it.level === by.level) && (by.year === null || it.year === by.year)
}

const place = (level: string) => (LEVELS.indexOf(level) + LEVELS.length + 1) % (LEVELS.length + 1)
/** Higher levels first, newer years first; a level that is not known here stands last. */
function inOrder(a: ArticleFigure, b: ArticleFigure): number {
  return place(a.level) - place(b.level) || a.level.localeCompare(b.level) || b.year - a.year || a.rule.localeCompare(b.rule)
}

/** Every figure once, with the articles that it stands behind. */
export function standing(articles: ArticleView[]): Standing[] {
  const found = new Map<string, Standing>()
  for (const article of articles) {
    for (const it of article.figures) {
      const key = `${it.rule} ${it.level} ${it.year}`
      const known = found.get(key)
      if (known) known.articles.push(article.number)
      else found.set(key, { ...it, articles: [article.number] })
    }
  }
  return [...found.values()].sort(inOrder)
}

/** Sums of money by unit, exact to the last digit. */
function moneyOf(figures: ArticleFigure[]): Money[] {
  const units = new Map<string, { unit: Label; sums: string[] }>()
  for (const it of figures) {
    if (it.money === null) continue
    const known = units.get(it.unit.zh)
    if (known) known.sums.push(it.money)
    else units.set(it.unit.zh, { unit: it.unit, sums: [it.money] })
  }
  return [...units.values()].flatMap(({ unit, sums }) => {
    const sum = sumOf(sums)
    return sum === null ? [] : [{ unit, sum }]
  })
}

/** Figures added up. */
export function sumUp(figures: ArticleFigure[]): Sum {
  const all = (of: (it: ArticleFigure) => number) => figures.reduce((sum, it) => sum + of(it), 0)
  return { cases: all((it) => it.cases), firms: all((it) => it.firms), listed: all((it) => it.listed), money: moneyOf(figures) }
}

/** Figures by level and year. */
export function grouped(figures: ArticleFigure[]): Group[] {
  const found: Group[] = []
  for (const it of [...figures].sort(inOrder)) {
    const last = found[found.length - 1]
    if (last && last.level === it.level && last.year === it.year) last.figures.push(it)
    else found.push({ level: it.level, year: it.year, figures: [it], sum: { cases: 0, firms: 0, listed: 0, money: [] } })
  }
  return found.map((it) => ({ ...it, sum: sumUp(it.figures) }))
}

/** Levels and years that occur, levels in their order and the newest year first. */
export function choices(figures: ArticleFigure[]): { levels: string[]; years: number[] } {
  const sorted = [...figures].sort(inOrder)
  return { levels: [...new Set(sorted.map((it) => it.level))], years: [...new Set(sorted.map((it) => it.year))].sort((a, b) => b - a) }
}

/** The version of a scheme that an evaluation of a year goes by: the last that was in force within it. */
export function schemeOf(rule: string, year: number, schemes: SchemeRef[]): SchemeRef | null {
  const versions = schemes.filter((it) => it.id === rule).sort((a, b) => a.from.localeCompare(b.from))
  return versions.filter((it) => Number(it.from.slice(0, 4)) <= year).pop() ?? versions[0] ?? null
}

/** Page of what a figure is of: a scheme's, or a rule's; one that is not in force today is shown as it was in the year. */
export function pageOf(it: ArticleFigure, schemes: SchemeRef[], inForce: RuleHead[]): RouteLocationRaw {
  const scheme = schemeOf(it.rule, it.year, schemes)
  if (scheme) return { name: 'scheme', query: { id: scheme.id, version: scheme.version } }
  return { name: 'rule', query: { rule: it.rule, ...(inForce.some((one) => one.id === it.rule) ? {} : { on: it.on ?? `${it.year}-01-01` }) } }
}
