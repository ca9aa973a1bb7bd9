// Every address of the HTTP interface, once, with what it takes and gives. Grouped by noun; pages
// call these through vue-query and never write an address themselves.
import { del, download, get, poll, post, put, upload, type OnProgress, type Query } from './client'
import type * as T from './types'

/** Page, size, sort and search of a list. */
export interface ListQuery extends Query {
  page?: number | null
  size?: number | null
  sort?: string | null
  q?: string | null
}

/** Filters of a run's firms. */
export interface ResultQuery extends ListQuery {
  population?: string | null
  class?: string | null
  industry?: string | null
  town?: string | null
  filter?: string | null
  /** Class last year. */
  last?: string | null
  /** Least total. */
  total_from?: number | string | null
  /** Total below this. */
  total_to?: number | string | null
}

export const session = {
  me: () => get<T.Me>('/session'),
  signIn: (sign_in: string, password: string) => post<T.Me>('/session', { sign_in, password }),
  signOut: () => del('/session'),
  password: (old: string, fresh: string) => post<T.Me>('/session/password', { old, new: fresh }),
  /** Accounts of a demo installation; 404 elsewhere. */
  demo: () => get<T.DemoAccount[]>('/demo'),
  /** Moves a demo's clock on by days; gives the moment it shows then. */
  demoClock: (days: number) => post<string>('/demo/clock', { days }),
}

export const divisions = () => get<T.DivisionView[]>('/divisions')
export const work = () => get<T.WorkItem[]>('/work')
/** The same, asked again and again by an open page. */
export const pollWork = () => poll<T.WorkItem[]>('/work')
export const search = (q: string, signal?: AbortSignal) => get<T.SearchHit[]>('/search', { q }, signal)
export const articles = () => get<T.ArticleView[]>('/articles')

export const schemes = {
  list: () => get<T.SchemeRef[]>('/schemes'),
  view: (id: string, version: number) => get<T.SchemeView>('/schemes/view', { id, version }),
  publicView: (id: string, version: number) => get<T.SchemeView>('/public/schemes/view', { id, version }),
}

export const firms = {
  list: (query: ListQuery) => get<T.Page<T.FirmRow>>('/firms', query),
  detail: (id: number) => get<T.FirmDetail>(`/firms/${id}`),
  merge: (keep: number, gone: number, reason: string) => post<T.MergeView>('/firms/merge', { keep, gone, reason }),
  undoMerge: (id: number, reason: string) => post<void>(`/firms/merge/${id}/undo`, { reason }),
}

export const evaluations = {
  list: () => get<T.EvaluationRow[]>('/evaluations'),
  create: (division: string, year: number) => post<T.EvaluationDetail>('/evaluations', { division, year }),
  detail: (id: number) => get<T.EvaluationDetail>(`/evaluations/${id}`),
  act: (id: number, action: string, version: number, reason: string) =>
    post<T.EvaluationDetail>(`/evaluations/${id}/actions/${action}`, { version, reason }),
  template: (template: string, evaluation: number) => download(`/templates/${template}`, { evaluation }),
}

export const imports = {
  list: (evaluation: number) => get<T.ImportView[]>(`/evaluations/${evaluation}/imports`),
  send: (evaluation: number, template: string, file: File, onProgress?: OnProgress, signal?: AbortSignal) => {
    const form = new FormData()
    form.append('file', file)
    return upload<T.ImportView>(`/evaluations/${evaluation}/imports`, form, { template }, onProgress, signal)
  },
  view: (id: number) => get<T.ImportView>(`/imports/${id}`),
  doubts: (id: number) => get<T.Doubt[]>(`/imports/${id}/doubts`),
  settle: (id: number, doubt: number, choose: string | null) =>
    post<T.Doubt>(`/imports/${id}/doubts/${doubt}`, { choose }),
  /** Settles many rows at once: likely ones, or those that write the same as a settled one. */
  settleMany: (id: number, which: { confidence: number } | { same_as: number }) => post<T.Doubt[]>(`/imports/${id}/doubts`, which),
  candidates: (id: number, q: string) => get<T.Candidate[]>(`/imports/${id}/candidates`, { q }),
  accept: (id: number, reason: string) => post<T.ImportView>(`/imports/${id}/accept`, { reason }),
  withdraw: (id: number, reason: string) => post<T.ImportView>(`/imports/${id}/withdraw`, { reason }),
  takeBack: (id: number, reason: string) => post<T.ImportView>(`/imports/${id}/take-back`, { reason }),
  marked: (id: number) => download(`/imports/${id}/marked`),
}

export const sheets = {
  list: (evaluation: number, query: ListQuery & { state?: string | null }) =>
    get<T.Page<T.SheetRow>>(`/evaluations/${evaluation}/sheets`, query),
  sheet: (evaluation: number, firm: number) => get<T.Sheet>(`/evaluations/${evaluation}/sheets/${firm}`),
  fact: (evaluation: number, firm: number, fact: string) =>
    get<T.FactVersion[]>(`/evaluations/${evaluation}/sheets/${firm}/facts/${fact}`),
  pdf: (evaluation: number, firm: number) => download(`/evaluations/${evaluation}/sheets/${firm}/pdf`),
  confirm: (evaluation: number, firm: number) => post<T.Sheet>(`/evaluations/${evaluation}/sheets/${firm}/confirm`),
  dispute: (evaluation: number, firm: number, fact: string, says: string) =>
    post<T.Sheet>(`/evaluations/${evaluation}/sheets/${firm}/dispute`, { fact, says }),
  settle: (evaluation: number, firm: number, says: string) => post<T.Sheet>(`/evaluations/${evaluation}/sheets/${firm}/settle`, { says }),
}

export const parcels = (evaluation: number, query: ListQuery & { warnings?: boolean | null }) =>
  get<T.Page<T.ParcelRow>>(`/evaluations/${evaluation}/parcels`, query)

export const runs = {
  summary: (id: number) => get<T.RunSummary>(`/runs/${id}`),
  firms: (id: number, query: ResultQuery) => get<T.Page<T.ResultRow>>(`/runs/${id}/firms`, query),
  proof: (id: number, firm: number) => get<T.Proof>(`/runs/${id}/firms/${firm}/proof`),
  proofPdf: (id: number, firm: number) => download(`/runs/${id}/firms/${firm}/proof/pdf`),
  lift: (id: number, firm: number) => get<T.Lifts>(`/runs/${id}/firms/${firm}/lift`),
  diff: (id: number, older: number) => get<T.RunDiff>(`/runs/${id}/diff/${older}`),
  measures: (id: number, query: ListQuery & { measure?: string | null }) =>
    get<T.Page<T.MeasureRow>>(`/runs/${id}/measures`, query),
  verify: (id: number) => get<T.VerifyReport>(`/runs/${id}/verify`),
  export: (id: number, what: 'results' | 'measures', format: 'xlsx' | 'csv', query: Query = {}) =>
    download(`/runs/${id}/export`, { ...query, what, format }),
  noticePdf: (id: number) => download(`/runs/${id}/notice/pdf`),
}

export const whatIfs = {
  handles: (run: number) => get<T.OverlayHandle[]>(`/runs/${run}/what-if/handles`),
  ask: (run: number, changes: T.OverlayChange[], signal?: AbortSignal) =>
    post<T.WhatIfResult>(`/runs/${run}/what-if`, { changes }, undefined, signal),
  list: (run: number) => get<T.WhatIfView[]>(`/runs/${run}/what-ifs`),
  keep: (run: number, title: string, changes: T.OverlayChange[]) =>
    post<T.WhatIfView>(`/runs/${run}/what-ifs`, { title, changes }),
  view: (id: number) => get<T.WhatIfView>(`/what-ifs/${id}`),
  remove: (id: number) => del(`/what-ifs/${id}`),
}

/** Titles and policies; `on` is the day of filing, today when none is given. */
export const policies = {
  rules: (on: string | null = null) => get<T.RuleHead[]>('/rules', { on }),
  rule: (rule: string, on: string | null) => get<T.RuleView>('/rule', { rule, on }),
  simulate: (ask: T.SimulateRule, signal?: AbortSignal) => post<T.RulePopulation>('/rules/simulate', ask, undefined, signal),
  ofFirm: (firm: number, on: string | null) => get<T.FirmPolicies>(`/firms/${firm}/policies`, { on }),
  proof: (firm: number, rule: string, on: string | null) => get<T.FirmRuleProof>(`/firms/${firm}/policy`, { rule, on }),
}

/** Rounds in which titles and policies are filed for and decided. */
export const rounds = {
  list: () => get<T.RoundRow[]>('/rounds'),
  create: (round: T.NewRound) => post<T.RoundDetail>('/rounds', round),
  detail: (id: number) => get<T.RoundDetail>(`/rounds/${id}`),
  act: (id: number, action: string, version: number, reason: string) =>
    post<T.RoundDetail>(`/rounds/${id}/actions/${action}`, { version, reason }),
  filings: (id: number) => get<T.FilingRow[]>(`/rounds/${id}/filings`),
  file: (id: number, filing: T.NewFiling) => post<T.FilingDetail>(`/rounds/${id}/filings`, filing),
  verify: (id: number) => get<T.RoundVerification>(`/rounds/${id}/verify`),
}

export const filings = {
  /** All that the person may see; for a firm its own. */
  list: () => get<T.FilingRow[]>('/filings'),
  detail: (id: number) => get<T.FilingDetail>(`/filings/${id}`),
  act: (id: number, action: string, version: number, reason: string) =>
    post<T.FilingDetail>(`/filings/${id}/actions/${action}`, { version, reason }),
  judge: (id: number, finding: T.Finding) => post<T.FilingDetail>(`/filings/${id}/judgements`, finding),
  answer: (id: number, finding: T.Finding) => post<T.FilingDetail>(`/filings/${id}/answers`, finding),
  addLines: (id: number, version: number, lines: T.NewLine[]) => post<T.FilingDetail>(`/filings/${id}/lines`, { version, lines }),
  removeLine: (id: number, line: number, version: number) => del<T.FilingDetail>(`/filings/${id}/lines/${line}`, { version }),
  built: (id: number, line: number, finding: T.BuiltFinding) => post<T.FilingDetail>(`/filings/${id}/lines/${line}/built`, finding),
  addDocument: (id: number, version: number, file: File, onProgress?: OnProgress) => {
    const form = new FormData()
    form.append('file', file)
    return upload<T.FilingDetail>(`/filings/${id}/documents`, form, { version }, onProgress)
  },
  document: (id: number, digest: string) => download(`/filings/${id}/documents/${digest}`),
}

export const objections = {
  list: (evaluation: number) => get<T.ObjectionView[]>(`/evaluations/${evaluation}/objections`),
  /** `form` holds fact, subject?, claimed, says, file. */
  file: (evaluation: number, form: FormData, onProgress?: OnProgress) =>
    upload<T.ObjectionView>(`/evaluations/${evaluation}/objections`, form, {}, onProgress),
  act: (
    id: number,
    action: string,
    body: { version: number; says: string; verdict?: string; value?: string | null },
  ) => post<T.ObjectionView>(`/objections/${id}/actions/${action}`, body),
  attachment: (id: number) => download(`/objections/${id}/file`),
}

export const publications = {
  list: () => get<T.PublicationRow[]>('/public/publications'),
  view: (id: number) => get<T.Publication>(`/public/publications/${id}`),
  export: (id: number, format: 'csv' | 'xlsx') => download(`/public/publications/${id}/export`, { format }),
}

/** A new account; somebody else gives it a role and enables it. */
export interface NewAccount {
  sign_in: string
  name: string
  division: string
}

export const accounts = {
  list: () => get<T.AccountView[]>('/accounts'),
  create: (account: NewAccount) => post<T.AccountView>('/accounts', account),
  act: (id: number, action: string, body: Record<string, unknown>) =>
    post<T.AccountView>(`/accounts/${id}/actions/${action}`, body),
}

export const audit = {
  list: (query: ListQuery & { actor?: string | null; action?: string | null }) => get<T.Page<T.AuditView>>('/audit', query),
  verify: () => get<T.AuditCheck>('/audit/verify'),
}

/** Files of a chain as one form: one graph, or two tables (nodes, then links). */
function files(list: File[]): FormData {
  const form = new FormData()
  for (const file of list) form.append('file', file)
  return form
}

/** Industry chains: the graph by days and revisions, what is weak, what would help. */
export const chains = {
  templates: () => get<T.ChainTemplateRow[]>('/chain-templates'),
  list: () => get<T.ChainRow[]>('/chains'),
  open: (chain: T.NewChainRequest) => post<T.ChainDetail>('/chains', chain),
  detail: (id: number) => get<T.ChainDetail>(`/chains/${id}`),
  graph: (id: number, query: { day?: string | null; revision?: number | null } = {}, signal?: AbortSignal) =>
    get<T.ChainGraph>(`/chains/${id}/graph`, query, signal),
  node: (id: number, node: string, day: string | null) => get<T.ChainNodeView>(`/chains/${id}/node`, { id: node, day }),
  change: (id: number, change: T.ChainChangeRequest) => post<T.ChainDetail>(`/chains/${id}/changes`, change),
  import: (id: number, list: File[], query: { trial: boolean; revision: number; reason: string }, onProgress?: OnProgress) =>
    upload<T.ChainImportReport>(`/chains/${id}/import`, files(list), { ...query, trial: String(query.trial) }, onProgress),
  claims: (id: number, file: File, query: { revision: number; reason: string }, onProgress?: OnProgress) =>
    upload<T.ChainImportReport>(`/chains/${id}/claims`, files([file]), query, onProgress),
  export: (id: number, format: 'json' | 'graphml' | 'nodes.csv' | 'edges.csv', day: string | null) =>
    download(`/chains/${id}/export`, { format, day }),
  placements: (id: number) => get<T.PlacementsView>(`/chains/${id}/placements`),
  place: (id: number, decision: T.PlaceRequest) => post<T.PlacementsView>(`/chains/${id}/placements`, decision),
  gaps: (id: number, query: { day?: string | null; place?: string | null }) => get<T.GapsView>(`/chains/${id}/gaps`, query),
  stress: (id: number, scenario: T.StressRequest, signal?: AbortSignal) =>
    post<T.StressView>(`/chains/${id}/stress`, scenario, undefined, signal),
  ranking: (id: number, query: { day?: string | null; days: number; horizon: number }) => get<T.RankingView>(`/chains/${id}/ranking`, query),
  proposals: (id: number, product: string, day: string | null) => get<T.ProposalsView>(`/chains/${id}/proposals`, { product, day }),
  tasks: (id: number) => get<T.ChainTaskView[]>(`/chains/${id}/tasks`),
  newTask: (id: number, task: T.NewChainTaskRequest) => post<T.ChainTaskView>(`/chains/${id}/tasks`, task),
}

/** Tasks that came of proposals: a person's own and those of the office. */
export const chainTasks = {
  list: () => get<T.ChainTaskView[]>('/chain-tasks'),
  detail: (id: number) => get<T.ChainTaskView>(`/chain-tasks/${id}`),
  act: (id: number, action: string, step: T.ChainTaskStep) => post<T.ChainTaskView>(`/chain-tasks/${id}/actions/${action}`, step),
  addEvidence: (id: number, version: number, title: string, file: File | null, onProgress?: OnProgress) => {
    const form = new FormData()
    form.append('title', title)
    if (file) form.append('file', file)
    return upload<T.ChainTaskView>(`/chain-tasks/${id}/evidence?version=${version}`, form, {}, onProgress)
  },
  evidence: (id: number, digest: string) => download(`/chain-tasks/${id}/evidence/${digest}`),
}

/** What lead firms need, who could supply it, and how far each introduction has come. */
export const needs = {
  list: (chain: number | null = null) => get<T.NeedRow[]>('/needs', { chain }),
  create: (need: T.NewNeedRequest) => post<T.NeedDetail>('/needs', need),
  detail: (id: number) => get<T.NeedDetail>(`/needs/${id}`),
  act: (id: number, action: string, version: number, reason: string) =>
    post<T.NeedDetail>(`/needs/${id}/actions/${action}`, { version, reason }),
  introduce: (id: number, firm: number) => post<T.NeedDetail>(`/needs/${id}/introductions`, { firm }),
  step: (introduction: number, action: string, version: number, reason: string) =>
    post<T.NeedDetail>(`/introductions/${introduction}/actions/${action}`, { version, reason }),
  order: (introduction: number, file: File, onProgress?: OnProgress) =>
    upload<T.NeedDetail>(`/introductions/${introduction}/order`, files([file]), {}, onProgress),
  capabilities: (chain: number | null = null) => get<T.CapabilityView[]>('/capabilities', { chain }),
  state: (capability: T.CapabilityView) => put<T.CapabilityView[]>('/capabilities', capability),
}

/** Clusters of the province, found by data; 404 before any table was loaded. */
export const clusters = {
  view: () => get<T.ClustersView>('/clusters'),
  load: (file: File, onProgress?: OnProgress) => upload<T.ClustersView>('/clusters', files([file]), {}, onProgress),
}

/** Outlines of counties or cities as GeoJSON. */
export const map = (level: 'counties' | 'cities') => get<unknown>(`/maps/${level}`)
