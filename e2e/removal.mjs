// A title is granted, money is paid on it, the title is taken away by two persons and the money comes
// back. On the way the reviewers' questions: patents that were bought, and one document in two filings;
// without answers there is no notice. Plays on a demo whose evaluation still takes files.
import { settled } from './lib/browser.mjs'
import { office } from './lib/office.mjs'
import { assert, same } from './lib/tap.mjs'

const TITLE = 'national/titles/first-set'
const AWARD = 'national/policies/first-set-insurance'
/** The last year of figures, by which filings of the year after go. */
const YEAR = 2025
const QUESTION = /近一年受让取得的Ⅰ类知识产权占一半以上/
const PREMIUM = 100

/** The chapter; `stage` and `tap` as the story has them. */
export function removalChapter(stage, tap) {
  const it = {}
  const { ask, later, today, step, steps, blocked, handIn, judge, answer, deliver, firmOf } = office(stage)
  const roundPath = () => `/rounds/${it.round}`
  const path = (id) => `/filings/${id}`
  const filing = async (id, who = 'province') => ask(await stage.as(who), `/filings/${id}`)

  /** Opens a round of today and gives its number. */
  async function open(rule, title) {
    const page = await stage.as('province')
    const day = await today(await stage.as('county'))
    it.day = day
    const made = await ask(page, '/rounds', { rule, kind: 'first', title, from: `${day}T00:00:00`, to: `${day}T23:59:59`, sample_percent: '0' })
    return made.row.id
  }

  /** From the county to the province. */
  async function reviewed(ids) {
    for (const [who, name] of [['county', '推荐上报'], ['city', '推荐上报'], ['province', '审核通过']]) {
      for (const id of ids) {
        await judge(who, id)
        await step(who, path(id), name)
      }
    }
  }

  return async function removal() {
    tap.step('Removal: bought patents are asked about, a title goes by two persons, and the money comes back')
    const county = await tap.must('the county officer signs in', () => stage.as('county'))
    await tap.must('two firms state what they built and what they bought', async () => {
      it.firms = [await firmOf('firm2'), await firmOf('firm4')]
      const of = (firm) => [firm.name, firm.credit_code]
      await deliver(county, YEAR, 'application', '首台套.csv', [
        ['企业名称', '统一社会信用代码', '是否列入首台（套）推广应用指导目录', '实际缴纳保费（万元）', '是否三年内因骗取资金被取消资格'],
        ...it.firms.map((firm) => [...of(firm), '是', PREMIUM, '否']),
      ])
      await deliver(county, YEAR, 'application', '知识产权.csv', [
        ['企业名称', '统一社会信用代码', 'Ⅰ类知识产权（件）', '近一年受让取得的Ⅰ类知识产权（件）'],
        [...of(it.firms[0]), 4, 3],
        [...of(it.firms[1]), 4, 0],
      ])
    })
    await tap.must('both are in the round of the title', async () => {
      it.round = await open(TITLE, '首台（套）资格一批')
      for (const firm of it.firms) await handIn(county, it.round, firm, `${it.day}T00:00:10`, 1)
      const rows = await ask(county, `/rounds/${it.round}/filings`)
      it.ids = it.firms.map((firm) => rows.find((row) => row.firm === firm.id)?.id)
      assert(it.ids.every(Boolean), `${rows.length} filings`)
    })
    await tap.check('the same document in two filings is marked at each with the number of the other', async () => {
      const report = { name: '检测报告.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n% invented report\n') }
      for (const id of it.ids) {
        await stage.open(county, path(id))
        await county.locator('#filing-document').setInputFiles(report)
        await county.locator('.documents li').first().waitFor()
        await settled(county)
      }
      for (const [n, id] of it.ids.entries()) {
        await stage.open(county, path(id))
        const link = county.locator('.documents .shared a')
        same(await link.first().getAttribute('href'), path(it.ids[1 - n]), `the filing that holds the document of ${id} too`)
      }
    })
    await stage.look(county, 'removal-same-document')
    await tap.must('the window is over and the facts are cut', async () => {
      await later(1)
      await step('province', roundPath(), '截取数据')
    })
    await tap.must('the bought patents raise a question at the one firm, with what was seen', async () => {
      const page = await stage.as('county')
      await stage.open(page, path(it.ids[0]))
      const asked = page.locator('.question').filter({ hasText: QUESTION })
      same(await asked.count(), 1, 'questions about bought patents')
      assert((await asked.locator('.seen li').count()) > 0, 'nothing that was seen stands beside it')
      assert((await asked.innerText()).includes('3'), `not the three patents: ${await asked.innerText()}`)
      await stage.look(page, 'removal-question')
      await stage.open(page, path(it.ids[1]))
      same(await page.locator('.question').filter({ hasText: QUESTION }).count(), 0, 'questions at the firm that bought none')
    })
    await tap.must('a question does not decide: both pass three levels', async () => {
      await reviewed(it.ids)
      same((await filing(it.ids[0])).row.state, 'approved', 'state')
      await step('province', roundPath(), '抽取核查样本')
    })
    await tap.check('without an answer there is no notice, and the page says why', () => blocked('province', roundPath(), '开始公示', '通过的申报没有未答复的疑点'))
    await stage.look(await stage.as('province'), 'removal-unanswered')
    await tap.must('the reviewer answers, by name', async () => {
      const page = await answer('county', it.ids[0], '三件受让专利均用于主导产品，已核对转让合同和台账')
      await page.locator('.question').filter({ hasText: QUESTION }).getByText('三件受让专利均用于主导产品').waitFor()
      const { questions } = await filing(it.ids[0])
      assert(questions.every((one) => one.answer && one.by), `left open: ${questions.filter((one) => !one.answer).map((one) => one.id)}`)
      for (const who of ['county']) await answer(who, it.ids[1])
      await stage.open(page, path(it.ids[0]))
      await stage.look(page, 'removal-answered')
    })
    await tap.must('then comes the notice, and the list', async () => {
      await step('province', roundPath(), '开始公示')
      await later(12)
      await step('province', roundPath(), '公布名单')
      for (const id of it.ids) same((await filing(id)).row.state, 'listed', `state of ${id}`)
    })

    it.titled = it.ids[0]
    await tap.must('the premium is claimed on the title, reviewed and listed', async () => {
      it.award = await open(AWARD, '首台（套）保险补偿一批')
      await handIn(await stage.as('county'), it.award, it.firms[0], `${it.day}T00:00:10`, 2)
      const rows = await ask(await stage.as('county'), `/rounds/${it.award}/filings`)
      it.claim = rows[0].id
      await later(1)
      await step('province', `/rounds/${it.award}`, '截取数据')
      same((await filing(it.claim)).row.outcome, 'met', 'outcome')
      await reviewed([it.claim])
      await answer('county', it.claim)
      await step('province', `/rounds/${it.award}`, '抽取核查样本')
      await step('province', `/rounds/${it.award}`, '开始公示')
      await later(12)
      await step('province', `/rounds/${it.award}`, '公布名单')
    })
    await tap.must('it is paid by another person, four fifths of the premium', async () => {
      await step('county', path(it.claim), '申请拨付')
      const { payment } = await filing(it.claim)
      same(payment.account_state, 'open', `account of ${it.firms[0].name}`)
      await step('province', path(it.claim), '拨付')
      same(Number((await filing(it.claim)).payment.sum), PREMIUM * 0.8, 'sum')
    })

    await tap.must('the county asks for the removal of the title, with a reason', async () => {
      const page = await stage.as('county')
      await stage.open(page, path(it.titled))
      await steps(page).getByRole('button', { name: '提请撤销', exact: true }).click()
      const box = page.locator('dialog[open]')
      assert(await box.locator('footer button').last().isDisabled(), 'it goes without a reason')
      await box.locator('textarea').fill('材料不实：查新报告系伪造')
      await box.locator('footer button').last().click()
      await box.waitFor({ state: 'hidden' })
      await settled(page)
      same((await filing(it.titled)).row.state, 'removal_asked', 'state')
    })
    await tap.check('who asked cannot remove, and as long as nobody did the money stands', async () => {
      const page = await stage.as('county')
      const { version } = await filing(it.titled, 'county')
      const refusal = await ask(page, `/filings/${it.titled}/actions/remove`, { version, reason: '属实' }).then(() => 'it was removed', (error) => error.message)
      assert(/: (403|409) /.test(refusal), refusal)
      same((await filing(it.claim)).row.state, 'paid', 'state of the award')
    })
    await stage.open(await stage.as('province'), path(it.titled))
    await stage.look(await stage.as('province'), 'removal-asked')
    await tap.must('a second person removes it', async () => {
      await step('province', path(it.titled), '撤销', '查证属实')
      same((await filing(it.titled)).row.state, 'removed', 'state')
    })
    const province = await stage.as('province')
    await tap.must('its page names the money that rests on it, and leads there', async () => {
      await stage.open(province, path(it.titled))
      const claw = province.locator('section[aria-labelledby="claw"]')
      await claw.getByText('应追回').first().waitFor()
      assert((await claw.innerText()).includes(String(PREMIUM * 0.8)), `not the sum: ${await claw.innerText()}`)
      await stage.look(province, 'removal-removed')
      await claw.locator('a').first().click()
      await province.waitForURL(new RegExp(`/filings/${it.claim}$`))
      await settled(province)
    })
    await tap.must('the payment is to be recovered because of that filing', async () => {
      same((await filing(it.claim)).payment?.state, 'to_recover', 'payment')
      await province.getByText(`第 ${it.titled} 号申报的称号被撤销`).first().waitFor()
    })
    await stage.look(province, 'removal-to-recover')
    await tap.check('the list as published stays verifiable', async () => {
      for (const id of [it.round, it.award]) {
        const found = await ask(province, `/rounds/${id}/verify`)
        assert(found.agrees, `round ${id}: ${JSON.stringify(found.differences)}`)
      }
    })
    await tap.check('the other firm of the list keeps its title', async () => same((await filing(it.ids[1])).row.state, 'listed', 'state'))
    await tap.must('the money came back', async () => {
      await step('province', path(it.claim), '已追回', '已缴回国库')
      same((await filing(it.claim)).row.state, 'recovered', 'state')
      await stage.open(province, path(it.titled))
      await province.locator('section[aria-labelledby="claw"]').getByText('已追回').first().waitFor()
    })
    await stage.look(province, 'removal-recovered')
    await tap.check('the firm holds the title no longer, and sees what was recovered', async () => {
      const firm = await stage.as('firm2')
      const { rules } = await ask(firm, `/firms/${it.firms[0].id}/policies`)
      const title = rules.find((one) => one.rule.id === TITLE)
      assert(title && !title.held, `held: ${JSON.stringify(title?.held)}`)
      await stage.open(firm, path(it.claim))
      await firm.locator('section[aria-labelledby="payment"]').getByText('已追回').first().waitFor()
    })
    await stage.look(await stage.as('firm2'), 'removal-firm')
  }
}
