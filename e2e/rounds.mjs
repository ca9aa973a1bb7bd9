// A round of 绿色工厂 from opening to the list, across the revision of 2025-12-31: two firms, two versions,
// one cut, three levels of review, judgements, the draw, a site visit, a notice with an objection that a
// second person dismisses, and a list that recomputes. Before that a look at the round that the demo
// brings along. The firms go by their figures of 2024.
import { dialog, settled } from './lib/browser.mjs'
import { office } from './lib/office.mjs'
import { assert, same } from './lib/tap.mjs'

/** What the province opens the round of, and the rule of the first firm. */
const NATIONAL = 'national/titles/green-factory'
const TITLE = '国家绿色工厂'
/** Round that the demo brings along, cut and under review in its county. */
const GIVEN = '2025 年度绿色工厂'
/** Round that is opened here. */
const OPENED = '2025 年增补批次'
/** The last second of the old version and the first of the new one. */
const BEFORE = '2025-12-30T23:59:59'
const AFTER = '2025-12-31T00:00:00'
const WINDOW = { from: '2025-12-10T00:00:00', to: '2025-12-31T23:59:59' }
/** Firms that are looked through for some that can be approved. */
const LOOKED_AT = 1_200

/** The chapter; `stage` and `tap` as the story has them. */
export function roundsChapter(stage, tap) {
  const it = {}
  const { ask, later, step, handIn, judge, answer } = office(stage)

  const roundPath = () => `/rounds/${it.round}`
  const round = async (who = 'province') => ask(await stage.as(who), `/rounds/${it.round}`)
  const filings = async (who = 'province') => ask(await stage.as(who), `/rounds/${it.round}/filings`)

  /** A firm that a version would approve, once people have judged what is theirs to judge; none of those named. */
  async function candidate(page, rule, on, but) {
    return page.evaluate(
      async ([rule, on, but, most]) => {
        const get = async (path) => (await fetch(`/api${path}`)).json()
        const fits = (line) => line.outcome === 'met' || (line.outcome === 'unknown' && !line.unmet.length && line.missing.length > 0 && line.missing.every((one) => one.owner === null || /^review_|^green_.*_points$/.test(one.id)))
        for (let at = 1; (at - 1) * 200 < most; at++) {
          const { rows, total } = await get(`/firms?size=200&page=${at}`)
          for (let n = 0; n < rows.length; n += 8) {
            const part = rows.slice(n, n + 8)
            const proofs = await Promise.all(part.map((firm) => get(`/firms/${firm.id}/policy?rule=${encodeURIComponent(rule)}&on=${on}`)))
            const found = part.find((firm, place) => !but.includes(firm.id) && proofs[place]?.line && fits(proofs[place].line))
            if (found) return found
          }
          if (at * 200 >= total) break
        }
        return null
      },
      [rule, on, but, LOOKED_AT],
    )
  }

  /** States everything that people judge, and answers every question, where the page still asks. */
  async function judgeAll(who, id) {
    await judge(who, id)
    return answer(who, id)
  }

  /** The round of the demo: a county officer looks at filings of both versions. Leaves behind whose they are. */
  async function given() {
    const page = await tap.must('the county officer signs in', () => stage.as('county'))
    const found = (await ask(page, '/rounds')).find((row) => row.title === GIVEN)
    const rows = found ? await ask(page, `/rounds/${found.id}/filings`) : []
    it.given = rows.map((row) => row.firm)
    await tap.check('the demo has a round under review, its facts cut', () => {
      assert(found, 'there is none')
      same(found.state, 'review', 'state')
      assert(rows.length >= 20 && rows.every((row) => row.outcome), `${rows.length} filings, ${rows.filter((row) => row.outcome).length} with an outcome`)
    })
    if (!found) return
    await stage.open(page, '/rounds')
    await tap.check('the officer opens it from the list, and both versions stand there with their days', async () => {
      await page.getByRole('link', { name: GIVEN, exact: true }).click()
      await page.locator('.versions li').nth(1).waitFor()
      await page.locator('tbody [data-row]').first().waitFor()
      await settled(page)
    })
    await stage.look(page, 'round-given')
    for (const [version, name] of [[1, 'earlier'], [2, 'later']]) {
      const row = rows.find((one) => one.rule_version === version)
      await tap.check(`a filing by the ${name} version shows its proof and what the other version would have meant`, async () => {
        assert(row, `no filing goes by version ${version}`)
        await stage.open(page, `/filings/${row.id}`)
        await page.locator('#proof').waitFor()
        const other = page.locator('.other')
        await other.locator('.outcome').waitFor()
        const { other_version: there } = await ask(page, `/filings/${row.id}`)
        assert(there.version !== row.rule_version, `the other version is ${there.version} too`)
        const link = other.getByRole('link', { name: there.title.zh, exact: true })
        assert((await link.getAttribute('href')).includes(`on=${there.on}`), 'the link leads to another day')
      })
      await stage.look(page, `filing-given-${name}`)
    }
    await tap.check('the rule of the other version opens on that day', async () => {
      await page.locator('.other a').click()
      await page.waitForURL(/\/rules\/one\?/)
      await page.locator('.line code').first().waitFor()
    })
  }

  return async function rounds() {
    tap.step('Rounds: a title filed for across a revision, reviewed, visited, objected to, listed and recomputed')
    let province = await tap.must('the provincial officer signs in', () => stage.as('province'))
    await stage.open(province, '/rounds')
    await stage.look(province, 'rounds-before')

    await given()
    province = await stage.as('province')
    await stage.open(province, '/rounds')

    await tap.must('a round is opened, and the form says which days go by which version', async () => {
      await province.getByRole('link', { name: '开批次', exact: true }).first().click()
      await province.getByRole('button', { name: '开批次', exact: true }).click()
      await province.getByText('请选一条规则').waitFor()
      await province.getByLabel(/^规则/).fill(TITLE)
      await province.getByRole('option', { name: new RegExp(`^${TITLE}`) }).first().click()
      await province.getByLabel(/批次名称/).fill(OPENED)
      await province.getByLabel(/^开始/).fill(WINDOW.from)
      await province.getByLabel(/^截止/).fill(WINDOW.to)
      await province.getByLabel(/实地核查比例/).fill('50')
      await province.locator('.versions li').nth(1).waitFor()
      await stage.look(province, 'round-new', { english: false })
      await province.getByRole('button', { name: '开批次', exact: true }).click()
      await province.waitForURL(/\/rounds\/\d+$/)
      await settled(province)
      it.round = Number(/rounds\/(\d+)/.exec(province.url())[1])
    })
    await tap.check('its page names both versions with their days', async () => {
      same(await province.locator('.versions li').count(), 2, 'spans')
      const days = await province.locator('.versions li').allInnerTexts()
      assert(days[0].includes('2025-12-30') && days[1].includes('2025-12-31'), days.join(' | '))
    })
    await tap.must('the window is over by the demo clock', async () => {
      for (let n = 0; n < 24 && (await round()).row.window !== 'over'; n++) await later(30)
      same((await round()).row.window, 'over', 'window')
    })

    const county = await tap.must('the county officer signs in', () => stage.as('county'))
    await tap.must('two firms are found, one for each version', async () => {
      it.one = await candidate(county, NATIONAL, BEFORE.slice(0, 10), it.given)
      it.two = await candidate(county, NATIONAL, AFTER.slice(0, 10), [...it.given, it.one?.id])
      assert(it.one && it.two, `none that could be approved: ${it.one?.name} / ${it.two?.name}`)
    })
    await tap.must('both are handed in, a second apart, and go by different versions', async () => {
      await handIn(county, it.round, it.one, BEFORE, 1)
      await handIn(county, it.round, it.two, AFTER, 2)
      const all = await filings('county')
      const [one, two] = [it.one, it.two].map((firm) => all.find((row) => row.firm === firm.id))
      assert(one && two, `${all.length} filings`)
      assert(one.rule !== two.rule || one.rule_version !== two.rule_version, `both by ${one.rule}@${one.rule_version}`)
      it.ids = [one.id, two.id]
    })
    await tap.check('a moment outside the window is refused, and nothing that was typed is lost', async () => {
      await stage.open(county, roundPath())
      await county.getByRole('button', { name: '代交申报', exact: true }).click()
      const box = dialog(county)
      await box.getByRole('combobox').fill(it.one.name)
      await box.getByRole('option').first().click()
      await box.getByLabel(/收到的时刻/).fill('2026-01-05T00:00:00')
      await box.getByText(/不在受理期/).first().waitFor()
      await box.getByRole('button', { name: '交入', exact: true }).click()
      await box.locator('.error').waitFor()
      assert((await box.getByLabel(/收到的时刻/).inputValue()).startsWith('2026-01-05T00:00'), 'the moment is lost')
      await county.keyboard.press('Escape')
    })
    await stage.open(county, roundPath())
    await stage.look(county, 'round-open')
    await stage.open(county, `/filings/${it.ids[0]}`)
    await tap.check('a filing says what the other version would have meant', () => county.locator('.other').getByText('第 2 版').waitFor())
    await stage.look(county, 'filing-filed')
    await tap.check('a firm sees the round and no filing of another', async () => {
      const firm = await stage.as('firm1')
      await stage.open(firm, roundPath())
      const own = (await ask(firm, '/session')).firm
      assert((await filings('firm1')).every((row) => row.firm === own), 'another firm is in its list')
      await stage.look(firm, 'round-firm')
    })

    await tap.must('the facts of all filings are cut', () => step('province', roundPath(), '截取数据'))
    await tap.check('the cut is named by its digests, and the commitment of the draw is shown before the draw', async () => {
      const now = await round()
      assert(/^[0-9a-f]{64}$/.test(now.cut.facts) && /^[0-9a-f]{64}$/.test(now.cut.results), JSON.stringify(now.cut))
      same(now.cut.filings, it.ids.length, 'filings in the cut')
      assert(now.draw.commitment && now.draw.secret === '', 'the secret is out')
    })
    await tap.must('what people judge is stated with its ground, and questions are answered', async () => {
      for (const id of it.ids) await judgeAll('county', id)
    })
    await tap.check('the ground of a finding stands beside it', () => county.locator('.judged .ground').first().waitFor())
    await stage.look(county, 'filing-judged')
    for (const [who, name] of [['county', '推荐上报'], ['city', '推荐上报'], ['province', '审核通过']]) {
      await tap.must(`${who}: ${name}`, async () => {
        for (const id of it.ids) {
          await judgeAll(who, id)
          await step(who, `/filings/${id}`, name)
        }
      })
    }
    await tap.must('both are approved', async () => {
      const states = (await filings()).map((row) => row.state)
      assert(states.every((state) => state === 'approved'), states.join())
    })

    await tap.must('the site sample is drawn', () => step('province', roundPath(), '抽取核查样本'))
    province = await stage.as('province')
    await tap.check('anybody can draw it again', async () => {
      await province.getByRole('button', { name: '在这台电脑上重抽一遍' }).click()
      await province.locator('.checks li').first().waitFor()
      same(await province.locator('.checks .bad').count(), 0, 'differences')
      same(await province.locator('.checks .good').count(), 4, 'checks')
    })
    await stage.look(province, 'round-drawn')
    await tap.must('every filing that was drawn has its site visit on record', async () => {
      const drawn = (await filings()).filter((row) => row.sampled)
      assert(drawn.length > 0, 'none drawn')
      for (const row of drawn) await step('province', `/filings/${row.id}`, '核查相符', '现场与申报相符')
    })
    await tap.must('the notice starts', () => step('province', roundPath(), '开始公示'))
    await stage.look(await stage.as('province'), 'round-notice')

    const contested = `/filings/${it.ids[0]}`
    await tap.must('somebody objects', () => step('county', contested, '提出异议', '研发费用口径存疑'))
    await tap.check('who objected does not decide on it', async () => {
      const page = await stage.as('county')
      await stage.open(page, contested)
      same(await page.locator('section[aria-labelledby="next-steps"]').getByRole('button', { name: '异议不成立', exact: true }).count(), 0, 'the step is offered')
    })
    await stage.look(await stage.as('county'), 'filing-objected')
    await tap.must('a second person dismisses it', () => step('province', contested, '异议不成立', '已核对专项审计报告，口径一致'))
    await tap.must('the notice period passes', () => later(14))
    await tap.must('the list is published', () => step('province', roundPath(), '公布名单'))
    province = await stage.as('province')
    await tap.check('both are listed', async () => {
      const rows = await filings()
      assert(rows.every((row) => row.state === 'listed'), rows.map((row) => row.state).join())
    })
    await tap.check('the list is named by its digest, for everybody to compare', async () => {
      const { list } = await round()
      assert(/^[0-9a-f]{64}$/.test(list ?? ''), `list: ${list}`)
      await stage.open(province, roundPath())
      await province.locator('section[aria-labelledby="list"]').getByText(list).waitFor()
    })
    await tap.check('a firm may draw again and sees numbers, not names', async () => {
      const firm = await stage.as('firm1')
      await stage.open(firm, roundPath())
      const { draw } = await round('firm1')
      assert(draw.secret && draw.strata.flatMap((one) => one.order).every((one) => one.name === ''), 'a name is told')
      await firm.locator('.stratum').getByText(/^申报 \d+$/).first().waitFor()
      await firm.getByRole('button', { name: '在这台电脑上重抽一遍' }).click()
      await firm.locator('.checks .good').nth(3).waitFor()
    })
    await tap.check('the round recomputes from its cut and the rules', async () => {
      await province.getByRole('button', { name: '复算', exact: true }).click()
      await province.locator('.result.agrees').waitFor({ timeout: 120_000 })
    })
    await stage.look(province, 'round-listed')
    await stage.open(province, contested)
    await stage.look(province, 'filing-listed')
    await stage.open(province, '/filings')
    await tap.check('a filing opens from the list by Enter', async () => {
      await province.locator('tbody [data-row]').first().focus()
      await province.keyboard.press('Enter')
      await province.waitForURL(/\/filings\/\d+$/)
    })
    await stage.open(province, '/filings')
    await stage.look(province, 'filings')
  }
}
