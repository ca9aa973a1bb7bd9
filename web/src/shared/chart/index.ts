// Charts: `import { ChartBox, type ChartTheme } from '@/shared/chart'`.
export { default as ChartBox } from './ChartBox.vue'
export type { ChartTheme } from './theme'
export type { EChartsCoreOption } from './echarts'
