// Options of the charts of chains: pure functions of figures and theme.
import type { ChartTheme, EChartsCoreOption } from '@/shared/chart'
import { number } from '@/shared/format'
import type { PlacementQuality, RankingRow } from '@/shared/api'

const axisText = (theme: ChartTheme) => ({ color: theme.ink3, fontSize: 11, fontFamily: theme.font })
const tooltip = (theme: ChartTheme) => ({
  renderMode: 'richText' as const,
  backgroundColor: theme.panel,
  borderColor: theme.line,
  textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font },
  confine: true,
})
const value = (theme: ChartTheme, name = '') => ({
  type: 'value' as const,
  name,
  nameTextStyle: axisText(theme),
  axisLabel: axisText(theme),
  splitLine: { lineStyle: { color: theme.line } },
})

/** Lost output day by day, with the day on which all run again. */
export function lossByDay(daily: number[], backOn: number | null, words: { day: string; loss: string; back: string }) {
  return (theme: ChartTheme): EChartsCoreOption => ({
    grid: { left: 8, right: 24, top: 30, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(theme), trigger: 'axis', formatter: (it: unknown) => (Array.isArray(it) && it[0] ? `${words.day} ${it[0].dataIndex}\n${words.loss} ${number(daily[it[0].dataIndex] ?? 0, 1)}` : '') },
    xAxis: { type: 'category', boundaryGap: false, data: daily.map((_, n) => n), axisLabel: axisText(theme), axisLine: { lineStyle: { color: theme.line } }, axisTick: { show: false } },
    yAxis: value(theme, words.loss),
    series: [
      {
        type: 'line',
        step: 'middle',
        symbol: 'none',
        data: daily,
        lineStyle: { color: theme.class('D'), width: 1.6 },
        areaStyle: { color: theme.class('D'), opacity: 0.14 },
        markLine: backOn === null ? undefined : { symbol: 'none', silent: true, lineStyle: { color: theme.class('A'), type: 'dashed' }, label: { formatter: words.back, color: theme.ink2, fontSize: 11, position: 'end', rotate: 0 }, data: [{ xAxis: backOn }] },
      },
    ],
  })
}

/** Bars from the greatest, names upright at the left. */
export function bars(rows: { name: string; value: number }[], words: { value: string }) {
  return (theme: ChartTheme): EChartsCoreOption => ({
    grid: { left: 8, right: 56, top: 4, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(theme), trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: (it: unknown) => (Array.isArray(it) && it[0] ? `${it[0].name}\n${words.value} ${number(Number(it[0].value), 1)}` : '') },
    xAxis: { ...value(theme), show: false },
    yAxis: { type: 'category', inverse: true, data: rows.map((it) => it.name), axisLabel: { ...axisText(theme), color: theme.ink2, width: 120, overflow: 'truncate' }, axisLine: { show: false }, axisTick: { show: false } },
    series: [{ type: 'bar', barMaxWidth: 14, data: rows.map((it) => it.value), itemStyle: { color: theme.barStrong }, label: { show: true, position: 'right', color: theme.ink2, fontSize: 11, formatter: (it: { value: unknown }) => number(Number(it.value), 0) } }],
  })
}

/** Whether a source matters far more than its size: among the upper fifth by loss, not so by output. */
export function outOfSize(row: RankingRow, firms: number): boolean {
  return row.output_rank !== null && row.rank <= Math.max(3, firms * 0.2) && row.output_rank > row.rank * 2 && row.output_rank > firms * 0.3
}

/** Loss against size, on logarithmic axes; those that matter more than their size stand out. */
export function sizeAgainstLoss(rows: RankingRow[], words: { output: string; loss: string }) {
  const firms = rows.filter((it) => it.kind === 'firm').length
  const drawn = rows.map((row, at) => ({ row, at })).filter(({ row }) => row.output !== null && row.output > 0 && row.loss > 0)
  const point = ({ row, at }: { row: RankingRow; at: number }) => ({ value: [row.output!, row.loss, at], name: row.name })
  return (theme: ChartTheme): EChartsCoreOption => {
    const axis = (name: string) => ({ type: 'log' as const, name, nameTextStyle: axisText(theme), axisLabel: { ...axisText(theme), formatter: (it: number) => number(it) }, splitLine: { lineStyle: { color: theme.line } }, axisLine: { lineStyle: { color: theme.line } } })
    const far = drawn.filter(({ row }) => outOfSize(row, firms))
    const rest = drawn.filter(({ row }) => !outOfSize(row, firms))
    return {
      grid: { left: 8, right: 24, top: 28, bottom: 30, containLabel: true },
      tooltip: { ...tooltip(theme), formatter: (it: unknown) => { const one = it as { name: string; value: number[] }; return `${one.name}\n${words.output} ${number(one.value[0] ?? 0, 2)}\n${words.loss} ${number(one.value[1] ?? 0, 1)}` } },
      xAxis: { ...axis(words.output), nameLocation: 'middle', nameGap: 24 },
      yAxis: axis(words.loss),
      series: [
        { type: 'scatter', symbolSize: 6, data: rest.map(point), itemStyle: { color: theme.barStrong, opacity: 0.75 }, large: rest.length > 2_000 },
        { type: 'scatter', symbol: 'diamond', symbolSize: 11, data: far.map(point), itemStyle: { color: theme.class('D') }, label: { show: far.length <= 14, position: 'top', formatter: (it: { name: string }) => (it.name.length > 9 ? `${it.name.slice(0, 8)}…` : it.name), color: theme.ink2, fontSize: 11 }, labelLayout: { hideOverlap: true } },
      ],
    }
  }
}

/** Precision and recall over the threshold, with the one that is used. */
export function qualityCurve(quality: PlacementQuality, accept: number, words: { threshold: string; precision: string; recall: string; used: string }) {
  return (theme: ChartTheme): EChartsCoreOption => ({
    grid: { left: 8, right: 20, top: 42, bottom: 26, containLabel: true },
    legend: { top: 0, right: 0, textStyle: axisText(theme), itemWidth: 16, itemHeight: 8 },
    tooltip: { ...tooltip(theme), trigger: 'axis', valueFormatter: (it: unknown) => (typeof it === 'number' ? number(it, 3) : '—') },
    xAxis: { type: 'value', min: 0, max: 1, axisLabel: axisText(theme), splitLine: { show: false }, axisLine: { lineStyle: { color: theme.line } }, name: words.threshold, nameLocation: 'middle', nameGap: 22, nameTextStyle: axisText(theme) },
    yAxis: { ...value(theme), min: 0, max: 1 },
    series: [
      { name: words.precision, type: 'line', symbol: 'circle', symbolSize: 4, data: quality.curve.map((it) => [it.threshold, it.precision]), lineStyle: { color: theme.accent }, itemStyle: { color: theme.accent }, markLine: { symbol: 'none', silent: true, lineStyle: { color: theme.ink3, type: 'dashed' }, label: { rotate: 0, formatter: words.used, color: theme.ink2, fontSize: 11 }, data: [{ xAxis: accept }] } },
      { name: words.recall, type: 'line', symbol: 'rect', symbolSize: 4, data: quality.curve.map((it) => [it.threshold, it.recall]), lineStyle: { color: theme.class('C'), type: 'dashed' }, itemStyle: { color: theme.class('C') } },
    ],
  })
}

/** Stated confidence against what labels say; on the line both agree. */
export function calibration(quality: PlacementQuality, words: { stated: string; observed: string }) {
  return (theme: ChartTheme): EChartsCoreOption => ({
    grid: { left: 8, right: 20, top: 26, bottom: 26, containLabel: true },
    tooltip: { ...tooltip(theme), formatter: (it: unknown) => { const one = (it as { value: number[] }).value; return `${words.stated} ${number(one[0] ?? 0, 2)}\n${words.observed} ${number(one[1] ?? 0, 2)}\nn = ${one[2]}` } },
    xAxis: { ...value(theme, words.stated), min: 0, max: 1, nameLocation: 'middle', nameGap: 22 },
    yAxis: { ...value(theme, words.observed), min: 0, max: 1 },
    series: [
      { type: 'line', silent: true, symbol: 'none', data: [[0, 0], [1, 1]], lineStyle: { color: theme.ink3, type: 'dashed', width: 1 } },
      { type: 'scatter', symbolSize: (it: number[]) => Math.max(5, Math.min(22, Math.sqrt(it[2] ?? 1) * 2.4)), data: quality.bins.filter((it) => it.stated !== null && it.observed !== null).map((it) => [it.stated, it.observed, it.pairs]), itemStyle: { color: theme.accent, opacity: 0.8 } },
    ],
  })
}
