// Options of the results' charts: pure functions of the figures and the theme.
import type { ChartTheme, EChartsCoreOption } from '@/shared/chart'
import { count, number } from '@/shared/format'
import type { CutView, GroupCount } from '@/shared/api'

/** A bar of the distribution: from, to, firms. */
export type Bar = [number, number, number]

/** Words of a chart, in the interface's language. */
export interface ChartWords {
  firms: string
  total: string
}

/** Bars from the best total to the least, as ranks are read. */
export function bestFirst(histogram: Bar[]): Bar[] {
  return [...histogram].sort((a, b) => b[0] - a[0])
}

/** Ranks that a bar holds, counted from the best; none for an empty bar. */
export function ranksOfBar(bars: Bar[], index: number): [number, number] | null {
  const here = bars[index]
  if (!here || here[2] === 0) return null
  const above = bars.slice(0, index).reduce((sum, bar) => sum + bar[2], 0)
  return [above + 1, above + here[2]]
}

/** Totals that a bar holds, as the list is asked for them: from (inclusive) and below. The best bar has
    no upper end, so that the best firm is in it. */
export function totalsOfBar(bars: Bar[], index: number): { from: number | null; below: number | null } | null {
  const here = bars[index]
  if (!here || here[2] === 0) return null
  return { from: index === bars.length - 1 ? null : here[0], below: index === 0 ? null : here[1] }
}

/** Place of a total on the axis of bars, in bars from the best end (0 is the middle of the first). */
export function placeOf(bars: Bar[], total: number): number {
  const at = bars.findIndex(([from]) => total >= from)
  if (at < 0) return bars.length - 0.5
  const [from, to] = bars[at] as Bar
  const inside = to > from ? Math.min(1, (to - total) / (to - from)) : 0.5
  return at - 0.5 + inside
}

const axisText = (theme: ChartTheme) => ({ color: theme.ink3, fontSize: 11, fontFamily: theme.font })
// The tooltip is drawn on the canvas: one made of HTML would need inline styles.
const tooltip = (theme: ChartTheme) => ({
  renderMode: 'richText' as const,
  backgroundColor: theme.panel,
  borderColor: theme.line,
  textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font },
  confine: true,
})

/** Distribution of totals with the classes' ends. `selected` holds the bars of the chosen ranks. */
export function histogramOption(theme: ChartTheme, histogram: Bar[], cuts: CutView[], selected: Set<number>, words: ChartWords): EChartsCoreOption {
  const bars = bestFirst(histogram)
  const ends = cuts.filter((cut) => cut.total !== null)
  return {
    aria: { enabled: true },
    grid: { left: 4, right: 4, top: 16, bottom: 20 },
    tooltip: {
      ...tooltip(theme),
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: (points: { dataIndex: number }[]) => {
        const bar = bars[points[0]?.dataIndex ?? 0]
        return bar ? `${words.total} ${number(bar[0], 1)}–${number(bar[1], 1)}\n${count(bar[2])} ${words.firms}` : ''
      },
    },
    xAxis: {
      type: 'category',
      data: bars.map((bar) => number(bar[1], 0)),
      axisLabel: { ...axisText(theme), hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
    },
    yAxis: { type: 'value', show: false },
    series: [
      {
        type: 'bar',
        barCategoryGap: '12%',
        cursor: 'pointer',
        data: bars.map((bar, n) => ({ value: bar[2], itemStyle: { color: selected.has(n) ? theme.accent : theme.bar } })),
        emphasis: { itemStyle: { color: theme.barStrong } },
        // The ends of classes.
        markLine: {
          symbol: 'none',
          silent: true,
          lineStyle: { color: theme.ink, type: 'dashed', width: 1 },
          label: { formatter: '{b}', position: 'end', color: theme.ink2, fontSize: 11, fontFamily: theme.font, distance: 2 },
          data: ends.map((cut) => ({ name: cut.class, xAxis: Math.round(placeOf(bars, cut.total ?? 0)) })),
        },
      },
    ],
  }
}

/** Classes in each group as bars of equal length, the greatest group on top. */
export function groupOption(theme: ChartTheme, groups: GroupCount[], classes: string[], words: ChartWords): EChartsCoreOption {
  const share = (group: GroupCount, name: string) => (group.total ? ((group.classes[name] ?? 0) / group.total) * 100 : 0)
  const others = (group: GroupCount) => group.total - classes.reduce((sum, name) => sum + (group.classes[name] ?? 0), 0)
  const rest = groups.some((group) => others(group) > 0)
  return {
    aria: { enabled: true },
    grid: { left: 4, right: 12, top: 0, bottom: 0, containLabel: true },
    tooltip: {
      ...tooltip(theme),
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: (points: { dataIndex: number }[]) => {
        const group = groups[points[0]?.dataIndex ?? 0]
        if (!group) return ''
        const parts = Object.entries(group.classes).sort(([a], [b]) => a.localeCompare(b))
        return `${group.name}  ${count(group.total)} ${words.firms}\n${parts.map(([name, n]) => `${name} ${count(n)}`).join('  ')}`
      },
    },
    xAxis: { type: 'value', max: 100, show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: groups.map((group) => `${shorten(group.name, 9)}  ${count(group.total)}`),
      axisLabel: { ...axisText(theme), color: theme.ink2, fontSize: 12 },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    series: [
      ...classes.map((name) => ({
        type: 'bar' as const,
        name,
        stack: 'all',
        barWidth: 12,
        cursor: 'pointer',
        itemStyle: { color: theme.class(name), borderColor: theme.panel, borderWidth: 0.5 },
        data: groups.map((group) => share(group, name)),
      })),
      ...(rest
        ? [
            {
              type: 'bar' as const,
              name: '',
              stack: 'all',
              barWidth: 12,
              itemStyle: { color: theme.line },
              data: groups.map((group) => (group.total ? (others(group) / group.total) * 100 : 0)),
            },
          ]
        : []),
    ],
  }
}

/** A long name cut for an axis; the whole of it is in the tooltip and the table. */
export function shorten(name: string, length: number): string {
  return name.length > length ? `${name.slice(0, length - 1)}…` : name
}
