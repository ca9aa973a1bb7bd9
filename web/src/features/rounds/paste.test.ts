// Invoice lines out of a spreadsheet: cells, heads, days and sums, and what is wrong with them.
import { describe, expect, it } from 'vitest'
import en from '@/locales/en/rounds.json'
import zh from '@/locales/zh-CN/rounds.json'
import { blank, cells, dayOf, faults, FIELDS, headOf, isBlank, lines, parse, sumText, tidy } from './paste'

const INVOICE = '25372000000123456789'
const SELLER = '91370783MA3ABCDE1X'
const row = [INVOICE, '1', SELLER, '2026-03-05', '数控机床', '120000.00', 'SN-0001']

describe('what a spreadsheet puts on the clipboard', () => {
  it('is_rows_and_cells', () => expect(cells('a\tb\r\nc\td\n')).toEqual([['a', 'b'], ['c', 'd']]))
  it('keeps_line_ends_tabs_and_quotes_of_a_quoted_cell', () => expect(cells('"a\nb"\t"c ""d""\te"\tf')).toEqual([['a\nb', 'c "d"\te', 'f']]))
  it('leaves_out_empty_rows', () => expect(cells('\n\t\na\n\n')).toEqual([['a']]))
  it('keeps_empty_cells_in_their_column', () => expect(cells('a\t\tb')).toEqual([['a', '', 'b']]))
})

describe('pasted rows', () => {
  it('without_a_head_are_read_in_the_expected_order', () => {
    const [draft] = parse(row.join('\t'))
    expect(draft).toEqual({ invoice: INVOICE, line: '1', seller: SELLER, on: '2026-03-05', item: '数控机床', amount: '120000.00', serial: 'SN-0001' })
  })
  it('with_a_head_are_read_by_its_names_in_any_order', () => {
    const text = ['设备名称\t不含税金额（元）\t发票号码\t行次\t销售方信用代码\t开票日期\t出厂编号', `数控机床\t12万\t${INVOICE}\t2\t${SELLER}\t2026年3月5日\tSN-2`].join('\n')
    expect(parse(text)).toEqual([{ invoice: INVOICE, line: '2', seller: SELLER, on: '2026-03-05', item: '数控机床', amount: '12万', serial: 'SN-2' }])
  })
  it('leave_out_columns_that_no_line_has', () => {
    expect(headOf(['序号', '发票号码', '行次', '规格型号', '不含税金额', '税额', '价税合计'])).toEqual([null, 'invoice', 'line', null, 'amount', null, null])
  })
  it('do_not_take_a_row_of_figures_for_a_head', () => expect(headOf(row)).toBeNull())
  it('with_the_heads_that_the_page_itself_uses_are_read_in_both_languages', () => {
    for (const words of [zh, en]) expect(headOf(FIELDS.map((it) => words.lines[it]))).toEqual([...FIELDS])
  })
  it('read_english_heads_too', () => expect(headOf(['Invoice', 'Line', 'Seller', 'Date', 'Item', 'Amount', 'Serial'])).toEqual(['invoice', 'line', 'seller', 'on', 'item', 'amount', 'serial']))
})

describe('text as people write it', () => {
  it('becomes_a_day', () => expect(['2026/3/5', '2026.03.05', '2026年3月5日', '20260305', '2026-03-05 10:00:00', '２０２６－０３－０５'].map(dayOf)).toEqual(Array(6).fill('2026-03-05')))
  it('stays_as_it_is_when_it_is_no_day', () => expect(dayOf('去年')).toBe('去年'))
  it('becomes_a_sum', () => expect(['¥1,234.50', '1 234.50元', '１２３４.50'].map(sumText)).toEqual(['1234.50', '1234.50', '1234.50']))
  it('is_made_narrow_and_upper_case_where_it_is_a_code', () => {
    const draft = tidy({ ...blank(), invoice: '２５３７ 2000-0001', seller: '91370783ma3abcde1x', line: '3.0' })
    expect([draft.invoice, draft.seller, draft.line]).toEqual(['253720000001', SELLER, '3'])
  })
})

describe('lines', () => {
  const good = parse(row.join('\t'))[0]!
  it('without_faults_are_sent_as_they_are', () => {
    expect(faults([good])).toEqual([{}])
    expect(lines([good])[0]).toMatchObject({ line: 1, amount: '120000.00' })
  })
  it('name_what_is_wrong_with_each_field', () => {
    expect(faults([{ ...good, invoice: '123', line: '0', seller: 'x', on: '2026-02-30', amount: '-1' }])).toEqual([{ invoice: 'invoice', line: 'line', seller: 'seller', on: 'on', amount: 'amount' }])
  })
  it('name_what_is_missing_but_for_the_serial_number', () => {
    expect(faults([blank()])[0]).toEqual({ invoice: 'missing', line: 'missing', seller: 'missing', on: 'missing', item: 'missing', amount: 'missing' })
    expect(isBlank(blank())).toBe(true)
  })
  it('are_refused_when_they_are_there_twice', () => expect(faults([good, { ...good, amount: '5' }])).toEqual([{}, { line: 'twice' }]))
  it('of_invoices_of_every_lawful_length_pass', () => expect(['1'.repeat(8), '1'.repeat(12), '1'.repeat(18), '1'.repeat(20)].map((invoice) => faults([{ ...good, invoice }])[0])).toEqual([{}, {}, {}, {}]))
})
