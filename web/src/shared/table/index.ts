// The table and its state: `import { DataTable, useTableState, type Column } from '@/shared/table'`.
export { default as DataTable } from './DataTable.vue'
export { nextSort, sortRows, toCsv, type Column, type Sort } from './columns'
export { useAddress, useTableState } from './state'
