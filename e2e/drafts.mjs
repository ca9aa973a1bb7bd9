// What a policy officer sees before a policy comes into force: a text without the basis that fair
// competition asks for is stopped and opens no round, and a budget stands beside the bill while a
// threshold is moved. Plays on a demo of its own by a copy of the law with two texts changed.
import { join } from 'node:path'
import { startWithLaw } from './lib/binary.mjs'
import { settled, Stage } from './lib/browser.mjs'
import { office } from './lib/office.mjs'
import { assert, same } from './lib/tap.mjs'

const STOPPED = 'shandong/policies/equipment-renewal'
const BUDGETED = 'shandong/policies/upgrade-interest'
const LINE = '技改专项'
const TOTAL = 1
const CHANGED = {
  [`${STOPPED}/2025.yaml`]: (text) => text.slice(0, text.indexOf('\nbasis:') + 1),
  [`${BUDGETED}/2025.yaml`]: (text) => text.replace(/\nstacking:/, `\nbudget: { line: ${LINE}, total: ${TOTAL}, over: refuse }\n\nstacking:`),
}
const page = (rule) => `/rules/one?rule=${encodeURIComponent(rule)}`

/** The chapter; `stage` and `tap` as the story has them. */
export function draftsChapter(stage, tap) {
  return async function drafts() {
    tap.step('Drafts: what stops a policy, and what it costs beside its budget line')
    const server = await tap.must('the binary serves a demo by the changed law', () => startWithLaw(CHANGED))
    const other = await Stage.open(server.url, join(stage.shots, 'drafts'), tap)
    // Only a demo tells its sign-ins.
    await stage.password('county')
    other.accounts = stage.accounts
    try {
      await chapter(other)
    } finally {
      await other.close()
      await server.stop()
    }
  }

  async function chapter(stage) {
    const { ask } = office(stage)
    const province = await tap.must('the provincial officer signs in', () => stage.as('province'))
    await tap.check('the list of rules says which one is stopped', async () => {
      await stage.open(province, '/rules')
      await province.locator('tbody [data-row]', { hasText: '设备更新和技术改造奖补' }).getByText(/\d+ 项阻断/).waitFor({ timeout: 60_000 })
      same(await province.locator('tbody [data-row]').getByText(/\d+ 项阻断/).count(), 1, 'rules that are stopped')
    })
    await stage.look(province, 'drafts-rules')
    await tap.check('its page names the place, the ground and that it must not come into force', async () => {
      await stage.open(province, page(STOPPED))
      const stop = province.locator('.findings .blocks')
      await stop.first().waitFor({ timeout: 60_000 })
      const text = await stop.first().innerText()
      for (const part of ['公平竞争', '不得施行', '依据', 'TE.6']) assert(text.includes(part), `${part} is not said: ${text}`)
      assert((await stop.first().getByRole('link', { name: /第 \d+ 行/ }).count()) > 0, 'no line of the text')
    })
    await stage.look(province, 'drafts-stopped')
    await tap.check('no round is opened of it, and the form says why', async () => {
      await stage.open(province, `/rounds/new?rule=${encodeURIComponent(STOPPED)}`)
      await province.getByLabel(/批次名称/).fill('未过审查')
      await province.getByLabel(/^开始/).fill('2026-03-02T00:00:00')
      await province.getByLabel(/^截止/).fill('2026-03-31T18:00:00')
      await province.getByLabel(/实地核查比例/).fill('10')
      await province.getByRole('button', { name: '开批次', exact: true }).click()
      await province.getByText(/规则未通过审查/).first().waitFor()
      assert(/\/rounds\/new/.test(province.url()), province.url())
    })
    await stage.look(province, 'drafts-no-round', { english: false })

    const county = await tap.must('the county officer signs in', () => stage.as('county'))
    await tap.must('the bill stands beside the budget of its line', async () => {
      await stage.open(county, page(BUDGETED))
      await county.locator('.figures').first().waitFor({ timeout: 60_000 })
      const text = await county.locator('.figures').first().innerText()
      assert(text.includes('应付合计') && /预算\s*1\b/.test(text), text)
      const all = await ask(county, '/rules/simulate', { rule: BUDGETED, on: null, division: null, changes: [] })
      assert(all.now.met > 0 && Number(all.now.bill) > TOTAL && all.now.over, JSON.stringify(all.now))
    })
    await stage.look(county, 'drafts-bill')
    await tap.must('a threshold is moved and everybody is computed again: fewer firms, a smaller bill', async () => {
      await county.getByLabel(/当年贷款下限/).first().fill('30000')
      const turns = county.locator('.what-if .turns')
      await turns.waitFor({ timeout: 60_000 })
      await settled(county)
      const changes = JSON.parse(new URL(county.url()).searchParams.get('w')).map(([path, value]) => ({ path, value }))
      const { now, then, lose } = await ask(county, '/rules/simulate', { rule: BUDGETED, on: null, division: null, changes })
      assert(then.met < now.met && Number(then.bill) < Number(now.bill) && lose > 0, `${JSON.stringify(now)} → ${JSON.stringify(then)}`)
      const text = (await turns.innerText()).replace(/,/g, '')
      assert(text.includes(`${now.met} → ${then.met}`), `not ${now.met} → ${then.met}: ${text}`)
      assert(text.includes('超出预算'), `nothing about the budget: ${text}`)
    })
    await stage.look(county, 'drafts-what-if')
  }
}
