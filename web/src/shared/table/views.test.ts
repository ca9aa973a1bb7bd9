// Kept views hold what a list shows and nothing of the moment.
import { expect, it } from 'vitest'
import { isShown, listPart, readViews, withView, type View } from './views'

const edge: View = { title: '临界', query: { filter: 'edge' }, columns: {} }

it('a_view_is_the_part_of_the_address_that_the_list_owns', () => {
  expect(listPart({ sort: '-total', class: 'B', page: '3', firm: '12', whatif: '1', q: '' })).toEqual({ class: 'B', sort: '-total' })
})
it('a_view_knows_whether_it_is_shown_whatever_the_order_of_the_address', () => {
  const view: View = { title: 'x', query: listPart({ sort: 'name', class: 'D' }), columns: {} }
  expect(isShown(view, listPart({ class: 'D', sort: 'name', page: '2' }))).toBe(true)
  expect(isShown(view, listPart({ class: 'D' }))).toBe(false)
})
it('a_title_stands_once_and_an_empty_one_is_not_kept', () => {
  const again = withView([edge], { ...edge, title: ' 临界 ', query: { filter: 'missing' } })
  expect(again).toEqual([{ ...edge, query: { filter: 'missing' } }])
  expect(withView([edge], { ...edge, title: '  ' })).toEqual([edge])
})
it('what_is_not_a_list_of_views_counts_as_none', () => {
  expect(readViews(null)).toEqual([])
  expect(readViews('{')).toEqual([])
  expect(readViews('{"a":1}')).toEqual([])
  expect(readViews(JSON.stringify([edge, { title: 3 }, null]))).toEqual([edge])
})
