// What people do with rounds and filings, whichever chapter they do it in: asking the server, taking
// steps by their names on the page, handing in, stating what they judge, answering questions.
import { confirm, dialog, settled } from './browser.mjs'
import { assert } from './tap.mjs'

/** The hands of a chapter. */
export function office(stage) {
  const it = {}

  /** Asks the server by the page's own session; what changes goes with its token. */
  it.ask = (page, path, body) =>
    page.evaluate(
      async ([path, body]) => {
        const me = body && (await (await fetch('/api/session')).json())
        const answer = await fetch(`/api${path}`, body && {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-csrf-token': me.csrf },
          body: JSON.stringify(body),
        })
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
        return answer.json()
      },
      [path, body],
    )

  /** Moves the demo's clock; everyone's session has ended by then. */
  it.later = async (days) => {
    await it.ask(await stage.as('county'), '/demo/clock', { days })
    await stage.everyoneLeaves()
  }

  /** The day that the demo's clock shows. */
  it.today = async (page) => {
    const { on } = await it.ask(page, `/firms/${(await it.ask(page, '/firms?size=1')).rows[0].id}/policies`)
    return on
  }

  it.steps = (page) => page.locator('section[aria-labelledby="next-steps"]')

  /** Takes a step of a round or a filing by its name on the page. */
  it.step = async (who, path, name, reason = '按规则和材料办理') => {
    const page = await stage.as(who)
    await stage.open(page, path)
    await it.steps(page).getByRole('button', { name, exact: true }).click()
    await confirm(page, reason)
    await settled(page)
    return page
  }

  /** A step that may not be taken says why. */
  it.blocked = async (who, path, name, why) => {
    const page = await stage.as(who)
    await stage.open(page, path)
    const steps = it.steps(page)
    await steps.getByText(why).first().waitFor()
    const button = steps.getByRole('button', { name, exact: true })
    assert((await button.count()) === 0 || (await button.isDisabled()), `${name} can be pressed`)
  }

  /** Hands in a filing for a firm whose papers came in at a moment. */
  it.handIn = async (page, round, firm, at, version) => {
    await stage.open(page, `/rounds/${round}`)
    await page.getByRole('button', { name: '代交申报', exact: true }).click()
    const box = dialog(page)
    await box.getByRole('combobox').fill(firm.name)
    await box.getByRole('option', { name: new RegExp(firm.name.replace(/[()（）]/g, '.')) }).first().click()
    await box.getByLabel(/收到的时刻/).fill(at)
    await box.locator('.note').getByText(`第 ${version} 版`).waitFor()
    await box.getByRole('button', { name: '交入', exact: true }).click()
    await box.waitFor({ state: 'hidden' })
    await settled(page)
  }

  /** Sends forms of a kind, one after the other, until the page shows none any more. */
  const each = async (page, kind, fill) => {
    for (;;) {
      const form = page.locator(`${kind} form`).first()
      if (!(await form.count())) break
      const left = await page.locator(`${kind} form`).count()
      await fill(form)
      await page.waitForFunction(([kind, left]) => document.querySelectorAll(`${kind} form`).length < left, [kind, left])
      await settled(page)
    }
  }

  /** States everything that people judge, where the page still asks. */
  it.judge = async (who, id) => {
    const page = await stage.as(who)
    await stage.open(page, `/filings/${id}`)
    await each(page, '.judged', async (form) => {
      const yes = form.getByRole('radio', { name: '是', exact: true })
      if (await yes.count()) await yes.check()
      else await form.locator('input.field').fill('1')
      await form.locator('textarea').fill('第三方证明，已核对原件')
      await form.getByRole('button', { name: '记下评定' }).click()
    })
    return page
  }

  /** Answers every question that the page still asks. */
  it.answer = async (who, id, words = '已看辅助账和凭证，相符') => {
    const page = await stage.as(who)
    await stage.open(page, `/filings/${id}`)
    await each(page, '.question', async (form) => {
      await form.locator('textarea').fill(words)
      await form.getByRole('button', { name: '记下答复' }).click()
    })
    return page
  }

  /** Hands in a department's file as lines of text and takes its facts. The pages have cards only for
   * files that the evaluation waits for, so this one goes by the page's session. */
  it.deliver = async (page, year, template, name, lines) => {
    const found = (await it.ask(page, '/evaluations')).find((row) => row.year === year)
    assert(found?.state === 'collecting', `no evaluation of ${year} takes files: ${found?.state}`)
    const id = await page.evaluate(
      async ([evaluation, template, name, text]) => {
        const me = await (await fetch('/api/session')).json()
        const form = new FormData()
        form.append('file', new File([text], name))
        const answer = await fetch(`/api/evaluations/${evaluation}/imports?template=${template}`, { method: 'POST', headers: { 'x-csrf-token': me.csrf }, body: form })
        if (!answer.ok) throw new Error(await answer.text())
        return (await answer.json()).id
      },
      [found.id, template, name, lines.map((line) => line.join(',')).join('\n')],
    )
    let view
    for (let n = 0; n < 300; n++) {
      view = await it.ask(page, `/imports/${id}`)
      if (view.state !== 'reading') break
      await page.waitForTimeout(200)
    }
    const { rows, matched, refused_cells } = view.counts
    assert(view.state === 'waiting' && matched === rows && refused_cells === 0, `${name}: ${view.state} ${JSON.stringify(view.counts)}`)
    await it.ask(page, `/imports/${id}/accept`, { reason: '经部门核对无误' })
  }

  /** The firm of a sign-in, with name and code as the register has them. */
  it.firmOf = async (who) => {
    const page = await stage.as(who)
    const { firm } = await it.ask(page, '/session')
    const { rows } = await it.ask(await stage.as('county'), `/firms?size=5&q=${encodeURIComponent((await it.ask(page, `/firms/${firm}/policies`)).name)}`)
    const found = rows.find((row) => row.id === firm)
    assert(found?.credit_code, `firm ${firm} of ${who} is not in the register: ${rows.map((row) => row.name)}`)
    return found
  }
  return it
}
