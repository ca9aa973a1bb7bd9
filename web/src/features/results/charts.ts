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

/** The stretch of bars that each class takes, from the best: where it ends, the next one begins. The last
    class ends with the bars. */
export function zonesOf(bars: Bar[], cuts: CutView[], classes: string[]): { class: string; from: number; to: number }[] {
  const zones: { class: string; from: number; to: number }[] = []
  let from = 0
  for (const name of classes) {
    const total = cuts.find((cut) => cut.class === name)?.total ?? null
    const last = name === classes[classes.length - 1]
    if (total === null && !last) continue
    const to = last || total === null ? bars.length - 1 : Math.max(from, Math.min(bars.length - 1, Math.round(placeOf(bars, total))))
    zones.push({ class: name, from, to })
    from = to
  }
  return zones
}

/** Distribution of totals with the classes and their ends. `selected` holds the bars of the chosen ranks. */
export function histogramOption(theme: ChartTheme, histogram: Bar[], cuts: CutView[], classes: string[], selected: Set<number>, words: ChartWords): EChartsCoreOption {
  const bars = bestFirst(histogram)
  const zones = zonesOf(bars, cuts, classes)
  return {
    aria: { enabled: true },
    grid: { left: 4, right: 4, top: 20, bottom: 20 },
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
        // Each class over its stretch, with letter and colour.
        markArea: {
          silent: true,
          itemStyle: { color: 'transparent' },
          label: { position: 'top', distance: 3, padding: [2, 6], borderRadius: 2, color: theme.onClass, fontSize: 11, fontWeight: 'bold', fontFamily: theme.font },
          data: zones.map((zone) => [{ name: zone.class, xAxis: zone.from, label: { backgroundColor: theme.class(zone.class) } }, { xAxis: zone.to }]),
        },
        // Where one ends and the next begins.
        markLine: {
          symbol: 'none',
          silent: true,
          lineStyle: { color: theme.ink, type: 'dashed', width: 1 },
          label: { show: false },
          data: zones.slice(0, -1).map((zone) => ({ name: zone.class, xAxis: zone.to })),
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
        barWidth: 14,
        cursor: 'pointer',
        // Colour alone names no class; a part too narrow for its letter stands between its neighbours.
        label: {
          show: true,
          formatter: ({ value }: { value: number }) => (value >= 6 ? name : ''),
          color: theme.onClass,
          fontSize: 10,
          fontWeight: 'bold' as const,
          fontFamily: theme.font,
        },
        itemStyle: { color: theme.class(name), borderColor: theme.panel, borderWidth: 0.5 },
        data: groups.map((group) => share(group, name)),
      })),
      ...(rest
        ? [
            {
              type: 'bar' as const,
              name: '',
              stack: 'all',
              barWidth: 14,
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
