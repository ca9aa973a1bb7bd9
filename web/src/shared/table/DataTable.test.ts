// The table as people use it: sorting, keyboard, unknown, pages, columns that stay chosen.
import { flushPromises, mount } from '@vue/test-utils'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { i18n, setLanguage } from '@/app/i18n'
import type { Column } from './columns'
import DataTable from './DataTable.vue'

interface Row {
  id: number
  name: string
  tax: number | null
}
const columns: Column<Row>[] = [
  { key: 'name', title: '企业', always: true, value: (row) => row.name },
  { key: 'tax', title: '税收', unit: '万元', num: true, sort: true, value: (row) => row.tax },
  { key: 'id', title: '编号', num: true, value: (row) => row.id, off: true },
  { key: 'more', title: '其他', value: () => 'x' },
]
const rows: Row[] = Array.from({ length: 120 }, (_, n) => ({ id: n, name: `企业${n}`, tax: n === 2 ? null : n * 1000 }))

function table(props: Record<string, unknown> = {}) {
  return mount(DataTable<Row>, {
    attachTo: document.body,
    global: { plugins: [i18n] },
    props: { caption: '企业', columns, rows, rowKey: (row: Row) => row.id, name: 'test', ...props } as never,
  })
}
const cells = (it: ReturnType<typeof table>, n: number) => it.findAll('tbody tr')[n]?.findAll('td').map((cell) => cell.text())

beforeAll(async () => {
  await setLanguage('zh-CN')
})
beforeEach(() => {
  localStorage.removeItem('baigong.columns.test')
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})

describe('rows in the browser', () => {
  it('are_paged_and_counted', async () => {
    const it = table()
    expect(it.findAll('tbody tr')).toHaveLength(50)
    expect(it.text()).toContain('第 1–50 条，共 120 条')
    await it.find('[aria-label="末页"]').trigger('click')
    await it.setProps({ at: 3 })
    expect(it.findAll('tbody tr')).toHaveLength(20)
    it.unmount()
  })
  it('are_sorted_by_a_head_and_say_so', async () => {
    const it = table()
    const head = it.findAll('th')[1]
    await head?.find('button').trigger('click')
    await it.setProps({ sort: '-tax' })
    expect(it.findAll('th')[1]?.attributes('aria-sort')).toBe('descending')
    expect(cells(it, 0)?.[1]).toBe('119,000')
    it.unmount()
  })
  it('draw_unknown_as_unknown', () => {
    const it = table()
    const cell = it.findAll('tbody tr')[2]?.findAll('td')[1]
    expect(cell?.text()).toBe('未知')
    expect(cell?.classes()).toContain('unknown')
    it.unmount()
  })
  it('show_the_unit_under_the_head', () => {
    const it = table()
    expect(it.findAll('th')[1]?.find('small').text()).toBe('万元')
    it.unmount()
  })
})

describe('one page of the server', () => {
  it('is_drawn_as_it_came_and_asks_for_more_by_events', async () => {
    const it = table({ rows: undefined, page: { rows: rows.slice(50, 100), total: 2958, page: 2, size: 50 }, at: 2 })
    expect(cells(it, 0)?.[0]).toBe('企业50')
    expect(it.text()).toContain('第 51–100 条，共 2,958 条')
    await it.find('[aria-label="下一页"]').trigger('click')
    expect(it.emitted('update:at')).toEqual([[3]])
    await it.findAll('th')[1]?.find('button').trigger('click')
    expect(it.emitted('update:sort')).toEqual([['-tax']])
    it.unmount()
  })
})

describe('keyboard', () => {
  it('moves_between_rows_and_opens_one', async () => {
    const it = table({ opens: true })
    const line = (n: number) => it.findAll('tbody tr')[n]
    expect(line(0)?.attributes('tabindex')).toBe('0')
    expect(line(1)?.attributes('tabindex')).toBe('-1')
    await line(0)?.trigger('keydown', { key: 'ArrowDown' })
    await flushPromises()
    expect(document.activeElement).toBe(line(1)?.element)
    await line(1)?.trigger('keydown', { key: 'Enter' })
    expect(it.emitted('open')?.[0]?.[0]).toEqual(rows[1])
    await line(1)?.trigger('keydown', { key: 'End' })
    await flushPromises()
    expect(document.activeElement).toBe(line(49)?.element)
    it.unmount()
  })
})

describe('columns', () => {
  it('stay_as_they_were_chosen', async () => {
    const first = table()
    expect(first.findAll('th')).toHaveLength(3)
    await first.find('.tools button').trigger('click')
    await first.findAll('.tools input[type=checkbox]')[1]?.setValue(true)
    expect(first.findAll('th')).toHaveLength(4)
    first.unmount()
    const second = table()
    expect(second.findAll('th')).toHaveLength(4)
    second.unmount()
  })
})

describe('on a phone', () => {
  it('a_card_leaves_out_what_is_blank_and_puts_the_class_beside_the_name', () => {
    vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener() {}, removeEventListener() {} }))
    const it = table({
      columns: [
        { key: 'name', title: '企业', always: true, card: 'head', value: (row: Row) => row.name },
        { key: 'class', title: '等级', card: 'side', value: () => 'A' },
        { key: 'town', title: '镇街', value: (row: Row) => (row.id === 0 ? null : '侯镇') },
        { key: 'tax', title: '税收', unit: '万元', num: true, value: (row: Row) => row.tax },
      ],
    })
    expect(it.classes()).toEqual(expect.arrayContaining(['cards', 'sided']))
    const line = (n: number) => it.findAll('tbody tr')[n]?.findAll('td').map((cell) => cell.classes().filter((name) => name.startsWith('card-')))
    expect(line(0)).toEqual([['card-head'], ['card-side'], ['card-none', 'card-hide'], []])
    expect(line(1)).toEqual([['card-head'], ['card-side'], [], []])
    // Unknown is not blank: it stands there, hatched, without a unit.
    expect(line(2)?.[3]).toEqual(['card-none'])
    expect(it.findAll('tbody tr')[2]?.findAll('td')[3]?.text()).toBe('未知')
    it.unmount()
  })
})

describe('states', () => {
  it('says_that_nothing_matches_only_when_nothing_is_on_its_way', async () => {
    const it = table({ rows: [], loading: true })
    expect(it.text()).not.toContain('没有符合条件')
    await it.setProps({ loading: false } as never)
    expect(it.text()).toContain('没有符合条件')
    it.unmount()
  })
  it('shows_the_failure_in_place_of_rows', () => {
    const it = table({ rows: [], error: new Error('x') })
    expect(it.find('[role=alert]').exists()).toBe(true)
    it.unmount()
  })
})
