// Sorting and CSV of tables whose rows are in the browser.
import { describe, expect, it } from 'vitest'
import { nextSort, sortRows, toCsv, type Column } from './columns'

interface Row {
  name: string
  tax: number | null
}
const rows: Row[] = [
  { name: '丙', tax: 3 },
  { name: '甲', tax: null },
  { name: '乙', tax: 12 },
  { name: '丁', tax: 3 },
]
const columns: Column<Row>[] = [
  { key: 'name', title: '企业', sort: true, value: (row) => row.name },
  { key: 'tax', title: '税收', unit: '万元', num: true, sort: true, value: (row) => row.tax },
]

describe('sorting', () => {
  it('puts_unknown_last_both_ways_and_keeps_equals_in_order', () => {
    expect(sortRows(rows, columns, 'tax').map((it) => it.name)).toEqual(['丙', '丁', '乙', '甲'])
    expect(sortRows(rows, columns, '-tax').map((it) => it.name)).toEqual(['乙', '丙', '丁', '甲'])
    expect(sortRows(rows, columns, null)).toBe(rows)
  })
  it('goes_first_to_the_greatest_for_figures_then_round', () => {
    expect(nextSort(null, 'tax', true)).toBe('-tax')
    expect(nextSort('-tax', 'tax', true)).toBe('tax')
    expect(nextSort('tax', 'tax', true)).toBeNull()
    expect(nextSort('-tax', 'name', false)).toBe('name')
  })
})

describe('csv', () => {
  it('names_units_and_leaves_unknown_empty', () => {
    expect(toCsv(rows.slice(0, 2), columns)).toBe('\ufeff企业,税收（万元）\r\n丙,3\r\n甲,\r\n')
  })
  it('escapes_commas_quotes_and_formulas_but_not_negative_numbers', () => {
    const text = toCsv([{ name: '=1+1', tax: -3 }, { name: '甲, "乙"', tax: 0 }], columns)
    expect(text).toContain("'=1+1,-3")
    expect(text).toContain('"甲, ""乙""",0')
  })
})
