// The shared pieces do what the pages rely on.
import { mount } from '@vue/test-utils'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { i18n, setLanguage } from '@/app/i18n'
import { ApiError } from '../api'
import { articleName, chineseNumber } from './articles'
import ClassBadge from './ClassBadge.vue'
import ConfirmDialog from './ConfirmDialog.vue'
import ErrorState from './ErrorState.vue'
import Menu from './Menu.vue'
import { dismiss, notices, notify } from './notify'
import Num from './Num.vue'
import ShareBar from './ShareBar.vue'
import { tone } from './tone'

const global = { plugins: [i18n] }
beforeAll(() => setLanguage('zh-CN'))

describe('classes', () => {
  it('of_every_scheme_take_a_colour_and_labels_take_none', () => {
    expect(['A', 'A+', '甲', '乙类', 'C', '丁', 'D'].map(tone)).toEqual(['a', 'a', 'a', 'b', 'c', 'd', 'd'])
    expect(['不定', '不评', 'T', '缺数', 'AB', ''].map(tone)).toEqual(['none', 'none', 'none', 'none', 'none', 'none'])
  })
  it('always_carry_their_letter', () => {
    expect(mount(ClassBadge, { global, props: { value: 'B' } }).text()).toBe('B')
  })
  it('parts_of_the_bar_say_how_many_firms_they_are', () => {
    const classes = [
      { class: 'A', title: { zh: '', en: '' }, count: 20, share: 0.2 },
      { class: 'D', title: { zh: '', en: '' }, count: 80, share: 0.8 },
      { class: '不定', title: { zh: '', en: '' }, count: 7, share: null },
    ]
    const bar = mount(ShareBar, { global, props: { classes } })
    expect(bar.attributes('aria-label')).toContain('A 20')
    expect(bar.attributes('aria-label')).not.toContain('不定')
  })
})

describe('numbers', () => {
  it('open_their_proof', async () => {
    const it = mount(Num, { global, props: { value: 83.95, decimals: 2, of: '总分' } })
    expect(it.text()).toBe('83.95')
    await it.trigger('click')
    expect(it.emitted('open')).toHaveLength(1)
  })
  it('that_are_unknown_are_neither_nought_nor_blank', () => {
    const it = mount(Num, { global, props: { value: null } })
    expect(it.text()).toBe('未知')
    expect(it.classes()).toContain('unknown')
  })
})

describe('refusals', () => {
  it('name_the_place_the_value_and_what_is_allowed', () => {
    const error = new ApiError(422, {
      code: 'bad-cell',
      message: { zh: '有一处填错', en: 'One cell is wrong' },
      fields: [{ sheet: '明细', cell: 'F812', value: '-3', code: 'negative', message: { zh: '不能为负', en: '' }, allowed: { zh: '0 或以上', en: '' } }],
    })
    const text = mount(ErrorState, { global, props: { error } }).text()
    for (const part of ['有一处填错', '明细!F812', '不能为负', '-3', '0 或以上', 'bad-cell']) expect(text).toContain(part)
  })
  it('of_an_unknown_kind_are_still_said', () => {
    expect(mount(ErrorState, { global, props: { error: new Error('x') } }).text()).toContain('出了意外')
  })
})

describe('confirmation', () => {
  it('waits_for_a_reason_when_one_is_due', async () => {
    const it = mount(ConfirmDialog, { global: { ...global, stubs: { teleport: true } }, props: { title: '冻结', confirm: '冻结', needsReason: true, changes: ['存成快照'] } })
    expect(it.text()).toContain('存成快照')
    await it.find('form').trigger('submit')
    expect(it.emitted('confirm')).toBeUndefined()
    await it.find('textarea').setValue('  六个部门数据齐备 ')
    await it.find('form').trigger('submit')
    expect(it.emitted('confirm')).toEqual([['六个部门数据齐备']])
  })
})

describe('menu', () => {
  it('opens_moves_and_closes_by_keyboard', async () => {
    const it = mount(Menu, { global, attachTo: document.body, props: { label: '列' }, slots: { default: '<button>甲</button><button>乙</button>' } })
    await it.find('button').trigger('click')
    expect(it.find('.list').exists()).toBe(true)
    expect(document.activeElement?.textContent).toBe('甲')
    await it.find('.list').trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement?.textContent).toBe('乙')
    await it.find('.list').trigger('keydown', { key: 'Escape' })
    expect(it.find('.list').exists()).toBe(false)
    expect(document.activeElement).toBe(it.find('button').element)
    it.unmount()
  })
})

describe('messages', () => {
  it('go_by_themselves_unless_they_are_bad', () => {
    vi.useFakeTimers()
    notify('已复制')
    notify('没有权限', { bad: true })
    vi.advanceTimersByTime(20_000)
    expect(notices.map((it) => it.text)).toEqual(['没有权限'])
    dismiss(notices[0]?.id ?? 0)
    expect(notices).toHaveLength(0)
    vi.useRealTimers()
  })
})

describe('articles', () => {
  it('are_numbered_as_the_law_numbers_them', async () => {
    expect([1, 10, 11, 16, 20].map(chineseNumber)).toEqual(['一', '十', '十一', '十六', '二十'])
    expect(articleName(16)).toBe('条例第十六条')
  })
})
