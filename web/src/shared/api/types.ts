// The wire shapes of the HTTP interface, one for one with `crates/services/src/views.rs`.
// Kept by hand until the server's own document is generated (`npm run generate` writes
// `schema.d.ts`); features import from here only, so that change stays in this one file.

/** A decimal in text: exact figures (facts, money) never pass through a float. */
export type Decimal = string
/** An RFC 3339 time in UTC. */
export type Instant = string

/** Chinese and English wording of the same thing. */
export interface Label {
  /** Chinese. */
  zh: string
  /** English. */
  en: string
}

/** One page of a longer list. */
export interface Page<T> {
  /** The rows of this page. */
  rows: T[]
  /** Rows in the whole list after filtering. */
  total: number
  /** This page, from 1. */
  page: number
  /** Rows a page. */
  size: number
}

/** Who is signed in. `GET /api/session` */
export interface Me {
  /** Sign-in name. */
  sign_in: string
  /** Name shown. */
  name: string
  /** Role, such as `county_officer`. */
  role: string
  /** Root of the region that may be seen. */
  region: DivisionView
  /** Department, for those who own facts. */
  department: string | null
  /** The one firm, for a firm's account. */
  firm: number | null
  /** Token that every changing request sends back in `x-csrf-token`. */
  csrf: string
  /** The password was set by someone else and must be changed first. */
  must_change: boolean
}

/** A division's code and name. */
export interface DivisionView {
  /** Six digits. */
  code: string
  /** Name. */
  name: string
  /** province, city or county. */
  level: string
  /** Parent's code. */
  parent: string | null
}

/** Something that waits for the person who is signed in. `GET /api/work` */
export interface WorkItem {
  /** `deliver_facts`, `settle_doubts`, `confirm_sheet`, `answer_objection`, `accept_answer`, `freeze`, `run`, `open_notice`, `finalise`, `publish`, `verify_audit`, `unlock_account`. */
  kind: string
  /** One line. */
  title: Label
  /** How many things it is. */
  count: number
  /** Path in the web app. */
  link: string
  /** Deadline, when there is one. */
  due: string | null
  /** A person must act (drawn in vermilion). */
  urgent: boolean
}

/** What the search box found. `GET /api/search?q=` */
export interface SearchHit {
  /** `firm`. */
  kind: string
  /** Name. */
  title: string
  /** Credit code, place. */
  detail: string
  /** Path in the web app. */
  link: string
}

/** A firm in a list. `GET /api/firms` */
export interface FirmRow {
  /** Number. */
  id: number
  /** Credit code. */
  credit_code: string | null
  /** Name. */
  name: string
  /** County. */
  division: DivisionView
  /** Town or street. */
  town: string
  /** GB/T 4754 class. */
  industry: string
  /** Its name. */
  industry_name: string
  /** Founded. */
  founded: string | null
  /** Class of the newest final evaluation, with its year. */
  class: YearClass | null
}

/** A class of a year. */
export interface YearClass {
  /** Evaluation year. */
  year: number
  /** Class or label (`A`, `不定`). */
  class: string
}

/** A firm in full. `GET /api/firms/{id}` */
export interface FirmDetail {
  /** The row. */
  firm: FirmRow
  /** Address. */
  address: string
  /** Under construction. */
  in_construction: boolean
  /** Year it became above scale. */
  risen_from: number | null
  /** Names over time, newest first. */
  names: NameVersion[]
  /** Classes, newest first. */
  classes: YearClass[]
  /** Records that were joined into this one and can be split off again. */
  merged: MergeView[]
  /** Evaluations that have a sheet of it. */
  sheets: number[]
}

/** A name and since when. */
export interface NameVersion {
  /** Name. */
  name: string
  /** Since. */
  valid_from: string
  /** Why it changed. */
  reason: string
}

/** A joined record. */
export interface MergeView {
  /** Number of the merge. */
  id: number
  /** Firm joined into this one. */
  gone: number
  /** Its name. */
  gone_name: string
  /** Why. */
  reason: string
  /** When. */
  at: string
}

/** Where a figure came from. */
export interface SourceView {
  /** Department. */
  department: string
  /** File name, or the title of a correction. */
  file: string
  /** `明细!F812`; empty for a correction typed on screen. */
  cell: string
  /** When it was received. */
  received_at: string
  /** Why it replaced an earlier version; empty for the first. */
  reason: string
}

/** One fact on a sheet. */
export interface SheetFact {
  /** Fact id. */
  id: string
  /** Title. */
  title: Label
  /** Unit, in words. */
  unit: Label
  /** Value as a decimal or text; none: unknown. */
  value: string | null
  /** First and last day of validity, for status facts. */
  valid: [string, string | null] | null
  /** Source. */
  source: SourceView | null
  /** Number of versions; more than 1: it was corrected. */
  versions: number
  /** `open`, `confirmed` or `disputed`. */
  state: string
  /** What the firm says is wrong with it. */
  dispute: string | null
  /** Used by the scheme. */
  used: boolean
}

/** Facts of one department. */
export interface SheetGroup {
  /** Department. */
  department: string
  /** Its name. */
  title: Label
  /** Facts. */
  facts: SheetFact[]
}

/** A line of how effective land came about. */
export interface LandLine {
  /** `owned`, `leased_in`, `leased_out`, `merged`. */
  kind: string
  /** Parcel code. */
  parcel: string
  /** The other party. */
  party: string | null
  /** Mu, signed. */
  mu: string
  /** Floor area and floors, when they were converted. */
  note: Label
  /** Source. */
  source: SourceView | null
}

/** How effective land came about. */
export interface LandView {
  /** Mu. */
  owned: string
  /** Mu. */
  leased_in: string
  /** Mu. */
  leased_out: string
  /** Mu. */
  effective: string
  /** Lines. */
  lines: LandLine[]
  /** Things a person should look at. */
  warnings: Label[]
}

/** One firm, one sheet. `GET /api/evaluations/{id}/sheets/{firm}` */
export interface Sheet {
  /** The firm. */
  firm: FirmRow
  /** Evaluation. */
  evaluation: number
  /** Year. */
  year: number
  /** By department. */
  groups: SheetGroup[]
  /** Land. */
  land: LandView | null
  /** `open`, `confirmed` or `disputed`. */
  state: string
  /** When and by whom it was confirmed. */
  confirmed: Signed | null
  /** What the firm says is wrong with its land. */
  land_dispute: string | null
  /** How an officer settled what the firm disputed. */
  settled: Settled | null
  /** What the person looking may do: `confirm`, `dispute`, `object`. */
  actions: ActionView[]
}

/** What came of a firm's dispute. */
export interface Settled {
  /** Who. */
  by: string
  /** When. */
  at: Instant
  /** What was found. */
  says: string
}

/** Who and when. */
export interface Signed {
  /** Who. */
  by: string
  /** When. */
  at: string
}

/** A sheet in a list. `GET /api/evaluations/{id}/sheets` */
export interface SheetRow {
  /** The firm. */
  firm: FirmRow
  /** `open`, `confirmed` or `disputed`. */
  state: string
}

/** A demo account, offered on the sign-in page of a demo installation only. `GET /api/demo` */
export interface DemoAccount {
  /** Sign-in name. */
  sign_in: string
  /** Password. */
  password: string
  /** Name. */
  name: string
  /** Role. */
  role: string
}

/** One version of a fact. `GET /api/evaluations/{id}/sheets/{firm}/facts/{fact}` */
export interface FactVersion {
  /** Value; none: taken back. */
  value: string | null
  /** Source. */
  source: SourceView
  /** It is the current one. */
  current: boolean
}

/** An evaluation in a list. `GET /api/evaluations` */
export interface EvaluationRow {
  /** Number. */
  id: number
  /** County. */
  division: DivisionView
  /** Year. */
  year: number
  /** State, such as `collecting`. */
  state: string
  /** Its name. */
  state_title: Label
  /** Scheme's title. */
  scheme: Label
  /** Firms by class, of the newest run. */
  classes: ClassCount[]
}

/** How many firms have a class. */
export interface ClassCount {
  /** Class or label. */
  class: string
  /** Title. */
  title: Label
  /** Firms. */
  count: number
  /** Share of the denominator, 0..1; none for labels outside the ranking. */
  share: number | null
}

/** A stage on the track across the top of an evaluation. */
export interface Stage {
  /** Name. */
  id: string
  /** Title. */
  title: Label
  /** `done`, `now` or `ahead`. */
  state: string
  /** `6/6`, `第 3/5 个工作日`. */
  detail: Label
}

/** What one can do now, or why not. */
export interface ActionView {
  /** Name for `POST …/actions/{action}`. */
  action: string
  /** Title. */
  title: Label
  /** Empty: it can be done now. Else why not. */
  blocked_by: Label[]
  /** A reason must be given. */
  needs_reason: boolean
}

/** What a department has delivered. */
export interface Delivery {
  /** Template, such as `tax`. */
  template: string
  /** Title. */
  title: Label
  /** Department. */
  department: string
  /** `missing`, `reading`, `waiting`, `accepted`. */
  state: string
  /** The newest import. */
  import: number | null
  /** When it was accepted. */
  at: string | null
  /** Counts of the newest import. */
  counts: ImportCounts | null
}

/** An evaluation in full. `GET /api/evaluations/{id}` */
export interface EvaluationDetail {
  /** The row. */
  row: EvaluationRow
  /** Lock: sent back with every action. */
  version: number
  /** Scheme. */
  scheme: SchemeRef
  /** Stages. */
  stages: Stage[]
  /** Departments. */
  deliveries: Delivery[]
  /** Sheets confirmed, disputed and open. */
  sheets: SheetCounts
  /** Digest of the frozen snapshot. */
  snapshot: string | null
  /** Facts changed since the freeze. */
  stale: boolean
  /** Runs, newest first. */
  runs: RunRow[]
  /** The notice's clock. */
  notice: ClockView | null
  /** Objections by state. */
  objections: Record<string, number>
  /** What one can do. */
  actions: ActionView[]
  /** What happened, newest first. */
  history: HistoryItem[]
}

/** A step that was taken. */
export interface HistoryItem {
  /** When. */
  at: string
  /** Who. */
  by: string
  /** What. */
  title: Label
  /** Why. */
  reason: string
}

/** Sheets by state. */
export interface SheetCounts {
  /** All. */
  total: number
  /** Confirmed. */
  confirmed: number
  /** Disputed. */
  disputed: number
  /** Disputed once, and settled by an officer. */
  settled: number
}

/** A scheme version by name. */
export interface SchemeRef {
  /** Id. */
  id: string
  /** Version. */
  version: number
  /** Title. */
  title: Label
  /** Document. */
  document: string
  /** First day in force. */
  from: string
  /** Digest of its file. */
  digest: string
  /** Parameters not seen in their source. */
  unverified: number
  /** Results are advisory only. */
  advisory: boolean
}

/** A running clock. */
export interface ClockView {
  /** First day. */
  from: string
  /** Last moment. */
  until: string
  /** Day number today, from 1. */
  day: number
  /** Days in all. */
  days: number
  /** Working days (else calendar days). */
  working: boolean
  /** It is over. */
  elapsed: boolean
}

/** A run in a list. */
export interface RunRow {
  /** Number. */
  id: number
  /** `trial`, `notice`, `rerun`, `final`. */
  kind: string
  /** When. */
  at: string
  /** Who. */
  by: string
  /** Digest of the result. */
  result: string
  /** Digest of the snapshot. */
  snapshot: string
  /** Engine version. */
  engine: string
  /** The run it replaces. */
  previous: number | null
  /** Firms by class. */
  classes: ClassCount[]
}

/** A population's results. */
export interface PopulationSummary {
  /** Name. */
  id: string
  /** Title. */
  title: Label
  /** Ranked firms. */
  ranked: number
  /** By class. */
  classes: ClassCount[]
  /** Cuts: class, last rank, total there. */
  cuts: CutView[]
  /** Bars of equal width over totals: (from, to, firms). */
  histogram: [number, number, number][]
  /** Indicators, in the scheme's order. */
  indicators: IndicatorHead[]
}

/** Where a class ends. */
export interface CutView {
  /** Class. */
  class: string
  /** Last rank in it. */
  rank: number
  /** Total of that rank. */
  total: number | null
}

/** An indicator's column head. */
export interface IndicatorHead {
  /** Id. */
  id: string
  /** Title. */
  title: Label
  /** Unit. */
  unit: Label
  /** Decimals shown. */
  decimals: number
  /** Weight. */
  weight: number
  /** Cap as a multiple of the weight. */
  cap: number | null
  /** Not seen in its source. */
  unverified: boolean
}

/** Counts by class for a group (industry, town). */
export interface GroupCount {
  /** Code. */
  code: string
  /** Name. */
  name: string
  /** Firms. */
  total: number
  /** By class or label. */
  classes: Record<string, number>
}

/** From last year's class to this year's. */
export interface Transition {
  /** Class last year; `-` for a newcomer. */
  from: string
  /** Class this year. */
  to: string
  /** Firms. */
  count: number
}

/** A run's overview. `GET /api/runs/{id}` */
export interface RunSummary {
  /** The row. */
  run: RunRow
  /** Evaluation. */
  evaluation: number
  /** County. */
  division: DivisionView
  /** Year. */
  year: number
  /** Scheme. */
  scheme: SchemeRef
  /** Collected firms. */
  collected: number
  /** Populations. */
  populations: PopulationSummary[]
  /** Class list, best first. */
  classes: ClassCount[]
  /** Firms outside the ranking by label, with reasons. */
  statuses: ClassCount[]
  /** By industry division. */
  by_industry: GroupCount[]
  /** By town. */
  by_town: GroupCount[]
  /** Compared with last year. */
  transition: Transition[]
  /** Firms on the edge; null while they are being worked out. */
  edge: number | null
  /** Firms without a rank for want of data. */
  missing: number
  /** Firms that moved up and down against last year. */
  moved_up: number
  /** Down. */
  moved_down: number
  /** Estimated yearly cost of measures, yuan, by measure. */
  measures_cost: MeasureCost[]
}

/** What a measure costs its firms in a year. */
export interface MeasureCost {
  /** Measure. */
  id: string
  /** Title. */
  title: Label
  /** Firms. */
  firms: number
  /** Yuan, a decimal. */
  yuan: string | null
}

/** A firm's line in the results. `GET /api/runs/{id}/firms` */
export interface ResultRow {
  /** Firm. */
  firm: number
  /** Name. */
  name: string
  /** Credit code. */
  credit_code: string | null
  /** Industry class. */
  industry: string
  /** Its name. */
  industry_name: string
  /** Town. */
  town: string
  /** Population; none outside the ranking. */
  population: string | null
  /** Rank. */
  rank: number | null
  /** Total. */
  total: number | null
  /** Class or label. */
  class: string
  /** Class that the rank alone gave, when an override changed it. */
  ranked_class: string | null
  /** Why it has a label instead of a class. */
  status: Label | null
  /** Class last year. */
  last: string | null
  /** On the edge, and why. */
  edge: Label[]
  /** Effective land, mu. */
  land: string | null
  /** Values and points by indicator id. */
  indicators: Record<string, IndicatorCell>
  /** An objection is open. */
  objection: boolean
}

/** A value and its points. */
export interface IndicatorCell {
  /** Value; none: unknown. */
  value: number | null
  /** Points; none: unknown. */
  points: number | null
  /** `missing`, `zero_denominator`, `negative`, or none. */
  gap: string | null
}

/** Why a firm has its class. `GET /api/runs/{id}/firms/{firm}/proof` */
export interface Proof {
  /** Run. */
  run: number
  /** The firm's line. */
  row: ResultRow
  /** Population's title. */
  population: Label | null
  /** Firms ranked with it. */
  ranked: number
  /** Last rank of each class. */
  cuts: CutView[]
  /** Sum of indicator points. */
  points: number | null
  /** Correction coefficient. */
  coefficient: ProofFormula | null
  /** Bonus counted. */
  bonus: number
  /** Deduction counted. */
  deduction: number
  /** Total. */
  total: number | null
  /** Formula of the total. */
  total_formula: string
  /** Indicators. */
  indicators: ProofIndicator[]
  /** Bonuses and deductions. */
  adjustments: ProofAdjustment[]
  /** Statuses and overrides that were asked, with their answers. */
  conditions: ProofCondition[]
  /** Land. */
  land: LandView | null
  /** Measures that follow. */
  measures: MeasureRow[]
  /** Clause on classing. */
  classing_clause: string | null
  /** Tie-break keys that decided, in words. */
  ties: Label[]
  /** Scheme. */
  scheme: SchemeRef
  /** Snapshot digest. */
  snapshot: string
}

/** A formula with what went in. */
export interface ProofFormula {
  /** As the scheme writes it. */
  formula: string
  /** With the values put in. */
  filled: string
  /** Result; none: unknown. */
  value: number | null
  /** What went in. */
  inputs: ProofInput[]
  /** Clause. */
  clause: string | null
  /** What was assumed, when it was not seen in its source. */
  unverified: string | null
}

/** One input of a formula. */
export interface ProofInput {
  /** Id. */
  id: string
  /** Title. */
  title: Label
  /** Value as text; none: unknown. */
  value: string | null
  /** Unit. */
  unit: Label
  /** Source; none for derived figures. */
  source: SourceView | null
  /** What it was derived from. */
  inputs: ProofInput[]
}

/** One indicator in a proof. */
export interface ProofIndicator {
  /** Head. */
  head: IndicatorHead
  /** Formula and inputs. */
  value: ProofFormula
  /** Baselines and how they came about. */
  baselines: ProofBaseline[]
  /** The scoring rule with values put in: `min(19.86 ÷ 25.39, 1.5) × 45`. */
  scoring: string
  /** Points before cap and floor. */
  raw: number | null
  /** Points. */
  points: number | null
  /** `cap`, `floor` or none. */
  bound: string | null
  /** The rule for a missing, undefined or negative value, when it was used. */
  gap: Label | null
  /** Clause. */
  clause: string | null
  /** What was assumed. */
  unverified: string | null
}

/** A baseline in a proof. */
export interface ProofBaseline {
  /** `baseline`, `low`, `high`. */
  name: string
  /** Value. */
  value: number | null
  /** `同口径中位数`, in words. */
  how: Label
  /** Group it was taken in. */
  group: string | null
  /** Firms in it. */
  n: number | null
  /** Clause. */
  clause: string | null
  /** What was assumed. */
  unverified: string | null
}

/** A bonus or deduction in a proof. */
export interface ProofAdjustment {
  /** Group's title. */
  group: Label
  /** Title. */
  title: Label
  /** `bonus` or `deduction`. */
  kind: string
  /** Condition. */
  condition: string
  /** `true`, `false` or `unknown`. */
  holds: string
  /** Points it would give. */
  points: number
  /** Points counted after best-of-group and caps. */
  counted: number
  /** Evidence. */
  evidence: SourceView | null
  /** Clause. */
  clause: string | null
  /** What was assumed. */
  unverified: string | null
}

/** A status or override that was asked. */
export interface ProofCondition {
  /** `status`, `veto`, `protection`, `direct`, `shift`. */
  kind: string
  /** Title. */
  title: Label
  /** Condition. */
  condition: string
  /** `true`, `false` or `unknown`. */
  holds: string
  /** What went in. */
  inputs: ProofInput[]
  /** Class before and after, when it changed something. */
  change: [string, string] | null
  /** Clause. */
  clause: string | null
  /** What was assumed. */
  unverified: string | null
}

/** A change of one fact that would lift the class. `GET /api/runs/{id}/firms/{firm}/lift` */
export interface Lift {
  /** Fact. */
  fact: string
  /** Title. */
  title: Label
  /** Unit. */
  unit: Label
  /** Value now. */
  from: string
  /** Value needed. */
  to: string
  /** Difference, signed. */
  change: string
  /** Class after. */
  class: string
  /** Rank after. */
  rank: number | null
  /** Total after. */
  total: number | null
  /** Relative size of the change. */
  relative: number
}

/** The lifts of a firm, or why there is none. */
export interface Lifts {
  /** Class now. */
  class: string
  /** Class aimed at. */
  target: string | null
  /** Cheapest first. */
  lifts: Lift[]
  /** Why some or all paths are closed. */
  closed: Label[]
}

/** One change of a what-if. */
export type OverlayChange =
  | { kind: 'number'; path: string; value: string }
  | { kind: 'switch'; path: string; on: boolean }
  | { kind: 'fact'; firm: number; fact: string; value: string | null }

/** A number or switch that a what-if may change. `GET /api/runs/{id}/what-if/handles` */
export interface OverlayHandle {
  /** Path. */
  path: string
  /** `number` or `switch`. */
  kind: string
  /** Group: population's title, `否决与保护`, `措施`. */
  group: Label
  /** Title. */
  title: Label
  /** Value in the scheme: a decimal, or `true`/`false`. */
  value: string
  /** Sensible range of a slider. */
  range: [number, number, number] | null
  /** `ratio` is shown as a percentage. */
  unit: string
}

/** What a what-if would do. `POST /api/runs/{id}/what-if` */
export interface WhatIfResult {
  /** By class, before. */
  before: ClassCount[]
  /** By class, after. */
  after: ClassCount[]
  /** Firms that move, up and down. */
  up: number
  /** Down. */
  down: number
  /** Who moves, by rank after (at most 500; `moved_total` says how many). */
  moved: MovedFirm[]
  /** All that move. */
  moved_total: number
  /** Measures before and after, yuan. */
  measures: CostChange[]
  /** Milliseconds at the server. */
  ms: number
}

/** Cost of a measure before and after. */
export interface CostChange {
  /** Title. */
  title: Label
  /** Before, yuan. */
  before: string | null
  /** After, yuan. */
  after: string | null
}

/** A firm whose class differs. */
export interface MovedFirm {
  /** Firm. */
  firm: number
  /** Name. */
  name: string
  /** Class before. */
  from: string
  /** Class after. */
  to: string
  /** Rank before. */
  rank_from: number | null
  /** Rank after. */
  rank_to: number | null
  /** Total before. */
  total_from: number | null
  /** Total after. */
  total_to: number | null
}

/** A kept what-if. */
export interface WhatIfView {
  /** Number. */
  id: number
  /** Run it lies over. */
  run: number
  /** Title. */
  title: string
  /** Changes. */
  changes: OverlayChange[]
  /** Who. */
  by: string
  /** When. */
  at: string
}

/** The difference of two runs. `GET /api/runs/{id}/diff/{other}` */
export interface RunDiff {
  /** Older run. */
  before: RunRow
  /** Newer run. */
  after: RunRow
  /** Facts that differ between the snapshots. */
  facts: FactChange[]
  /** Firms whose result differs. */
  firms: FirmDiff[]
  /** Firms with the same result. */
  unchanged: number
}

/** A fact that differs. */
export interface FactChange {
  /** Firm. */
  firm: number | null
  /** Name of the firm, parcel or lease. */
  subject: string
  /** Fact. */
  fact: Label
  /** Before. */
  before: string | null
  /** After. */
  after: string | null
  /** Source of the newer value. */
  source: SourceView | null
}

/** A firm whose result differs, and why. */
export interface FirmDiff {
  /** Moves. */
  moved: MovedFirm
  /** `own_facts`, `baseline`, `rank_only`, `status`. */
  causes: string[]
  /** One sentence. */
  why: Label
}

/** What a department's file came to. `GET /api/imports/{id}` */
export interface ImportView {
  /** Number. */
  id: number
  /** Evaluation. */
  evaluation: number
  /** Template. */
  template: string
  /** Title. */
  title: Label
  /** File name. */
  file: string
  /** File digest. */
  digest: string
  /** Bytes. */
  bytes: number
  /** `reading`, `waiting`, `accepted`, `withdrawn`, `refused`, `taken_back`. */
  state: string
  /** Progress, while reading. */
  progress: Progress | null
  /** Counts. */
  counts: ImportCounts
  /** Why the whole file was refused. */
  refusal: FaultView | null
  /** How heads were understood. */
  columns: ImportColumn[]
  /** Things to know: title rows skipped, totals found, units converted. */
  notes: Label[]
  /** Bad cells (first 500; `faults_total` says how many; all are in the marked copy). A list of imports leaves them out. */
  faults: FaultView[]
  /** All bad cells. */
  faults_total: number
  /** Who and when. */
  created: Signed
  /** Who accepted it and when. */
  accepted: Signed | null
  /** Who took it back after it was accepted, and when. */
  taken_back: Signed | null
  /** What one can do: `accept`, `withdraw` (while it is read, that ends the reading), `take_back`. */
  actions: ActionView[]
}

/** How far long work has come. */
export interface Progress {
  /** `queued`, `reading`, `open`, `cells`, `check`, `matching`. */
  stage: string
  /** Done. */
  done: number
  /** Of. */
  total: number
}

/** Counts of an import. */
export interface ImportCounts {
  /** Data rows in the file. */
  rows: number
  /** Rows matched to a firm for certain (or settled). */
  matched: number
  /** Rows that wait for a decision. */
  doubtful: number
  /** Rows of firms that the registry does not know, or of another county. */
  unknown: number
  /** Rows refused (duplicates, bad keys). */
  refused_rows: number
  /** Cells refused. */
  refused_cells: number
  /** Facts that are new. */
  new: number
  /** Facts that differ from what is known. */
  changed: number
  /** Facts that are the same. */
  unchanged: number
}

/** How a column was understood. */
export interface ImportColumn {
  /** Sheet. */
  sheet: string
  /** Column letters. */
  column: string
  /** Head as written. */
  head: string
  /** Taken as. */
  taken_as: Label
  /** Unit declared, when it was converted: `元 → 万元`. */
  conversion: string | null
}

/** A fault in a file. */
export interface FaultView {
  /** Sheet. */
  sheet: string | null
  /** Cell, such as `F812`. */
  cell: string
  /** Value as written. */
  value: string
  /** Stable code. */
  code: string
  /** What is wrong. */
  message: Label
  /** What is allowed. */
  allowed: Label
}

/** A row that might be one of several firms. `GET /api/imports/{id}/doubts` */
export interface Doubt {
  /** Number. */
  id: number
  /** Sheet and row. */
  place: string
  /** Whom the row means: `firm` (the firm or tenant) or `owner` (the owner or lessor). */
  role: string
  /** Name as written. */
  name: string
  /** Code as written. */
  code: string
  /** Address as written. */
  address: string
  /** Why it is doubtful. */
  why: Label
  /** Candidates, best first. */
  candidates: Candidate[]
  /** Decision: a firm's number, `none`, or nothing yet. */
  decision: string | null
}

/** A firm that a row might be. */
export interface Candidate {
  /** Firm. */
  firm: number
  /** Name. */
  name: string
  /** Credit code. */
  credit_code: string | null
  /** Address. */
  address: string
  /** 0..1. */
  confidence: number
  /** Why. */
  reasons: Label[]
}

/** A parcel with its tenants. `GET /api/evaluations/{id}/parcels` */
export interface ParcelRow {
  /** Parcel code. */
  code: string
  /** Owner. */
  owner: number | null
  /** Owner's name. */
  owner_name: string
  /** Mu. */
  area: string | null
  /** Leased out, mu. */
  leased: string
  /** Use. */
  use_: string | null
  /** Leases. */
  leases: LeaseRow[]
  /** Things a person should look at. */
  warnings: Label[]
  /** Source. */
  source: SourceView | null
}

/** A lease. */
export interface LeaseRow {
  /** Tenant. */
  tenant: number | null
  /** Name. */
  tenant_name: string
  /** Land, mu. */
  area: string | null
  /** Floor area, m². */
  floor_area: string | null
  /** Floors of the building. */
  floors: string | null
  /** Land counted, mu. */
  counted: string
  /** Source. */
  source: SourceView | null
}

/** An objection. `GET /api/evaluations/{id}/objections` */
export interface ObjectionView {
  /** Number. */
  id: number
  /** Evaluation. */
  evaluation: number
  /** Firm. */
  firm: number
  /** Name. */
  firm_name: string
  /** Fact or `land`. */
  fact: string
  /** Title of the fact. */
  title: Label
  /** Department that answers. */
  department: string
  /** Value now. */
  now: string | null
  /** Value claimed. */
  claimed: string | null
  /** Reason. */
  says: string
  /** `filed`, `answered`, `accepted`, `rejected`, `withdrawn`. */
  state: string
  /** Its name. */
  state_title: Label
  /** File name. */
  file: string | null
  /** Answer's value and text. */
  answer: Answer | null
  /** Steps. */
  events: HistoryItem[]
  /** Lock. */
  version: number
  /** What one can do. */
  actions: ActionView[]
}

/** The department's answer. */
export interface Answer {
  /** `agree`, `agree_other`, `refuse`. */
  verdict: string
  /** Value. */
  value: string | null
  /** Text. */
  says: string
  /** Who. */
  by: string
}

/** A measure that follows for a firm. `GET /api/runs/{id}/measures` */
export interface MeasureRow {
  /** Firm. */
  firm: number
  /** Name. */
  firm_name: string
  /** Class. */
  class: string
  /** Measure. */
  measure: string
  /** Title. */
  title: Label
  /** Amount, a decimal. */
  amount: string | null
  /** Unit. */
  unit: Label
  /** Consecutive years in the class. */
  years: number | null
  /** Other surcharge that is higher and so applies alone, when there is one. */
  instead: Label | null
  /** First and last day. */
  from: string | null
  /** Last day. */
  to: string | null
  /** Account at the utility. */
  account: string | null
  /** Legal basis. */
  basis: string | null
  /** No legal basis: shown only, never applied. */
  display_only: boolean
  /** Estimated cost a year, yuan. */
  cost: string | null
  /** What was assumed. */
  unverified: string | null
}

/** What `verify` found. `GET /api/runs/{id}/verify` */
export interface VerifyReport {
  /** Everything agrees to the bit. */
  agrees: boolean
  /** Checks in order. */
  checks: VerifyCheck[]
  /** Milliseconds. */
  ms: number
}

/** One check. */
export interface VerifyCheck {
  /** What. */
  what: Label
  /** It holds. */
  holds: boolean
  /** Digest or figure expected. */
  expected: string
  /** Found. */
  found: string
  /** Where the first difference is. */
  differs: string | null
}

/** A published list. `GET /api/public/publications` */
export interface PublicationRow {
  /** Number. */
  id: number
  /** County. */
  division: DivisionView
  /** Year. */
  year: number
  /** `notice` or `final`. */
  kind: string
  /** Published. */
  at: string
  /** Since when it no longer holds: withdrawn, or replaced by a later list. */
  closed_at: Instant | null
  /** Notice's clock. */
  notice: ClockView | null
  /** Scheme. */
  scheme: SchemeRef
  /** By class. */
  classes: ClassCount[]
}

/** A published list in full. `GET /api/public/publications/{id}` */
export interface Publication {
  /** The row. */
  row: PublicationRow
  /** Where objections go. */
  objections_to: Label
  /** Digests that let anyone recompute it. */
  snapshot: string
  /** Result digest. */
  result: string
  /** Engine. */
  engine: string
  /** Firms: only name, code, class, as the law allows. */
  firms: PublicFirm[]
}

/** A firm as published. */
export interface PublicFirm {
  /** Name. */
  name: string
  /** Credit code. */
  credit_code: string | null
  /** Town. */
  town: string
  /** Population's title. */
  population: string
  /** Class or label. */
  class: string
}

/** An article and what of it is live. `GET /api/articles` */
export interface ArticleView {
  /** 1 to 20. */
  number: number
  /** Subject. */
  title: Label
  /** Mechanisms. */
  mechanisms: MechanismView[]
  /** Live mechanisms. */
  live: number
  /** What stands behind it, by rule, level and year. */
  figures: ArticleFigure[]
}

/** What one rule came to in a year, as far as the person may see. */
export interface ArticleFigure {
  /** Scheme or rule. */
  rule: string
  title: Label
  /** `nation`, `province`, `city`, `county`. */
  level: string
  /** Year of the evaluation or of the filings. */
  year: number
  /** A day of that year on which the rule was in force; none of a scheme. */
  on: string | null
  /** Evaluations, or filings. */
  cases: number
  /** Firms in them. */
  firms: number
  /** Filings that were listed. */
  listed: number
  /** Sum bound or paid; none where nothing is paid. */
  money: Decimal | null
  /** Unit of the sum, in words. */
  unit: Label
}

/** A mechanism. */
export interface MechanismView {
  /** `M16-3`. */
  id: string
  /** Short term. */
  title: Label
  /** Engine. */
  engine: string
  /** Works today. */
  live: boolean
  /** Rules (schemes) in force. */
  rules: number
  /** Cases (evaluations, objections). */
  cases: number
  /** Firms touched. */
  firms: number
  /** Page of the web app. */
  link: string | null
}

/** A scheme in full. `GET /api/schemes/{id}?version=` */
export interface SchemeView {
  /** Name. */
  scheme: SchemeRef
  /** Path of the file. */
  file: string
  /** Text of the file. */
  text: string
  /** Place. */
  division: DivisionView
  /** Years it evaluates. */
  years: [number, number | null]
  /** Parameters not seen in their source: place and what was assumed. */
  unverified: [string, string][]
  /** Populations with indicators. */
  populations: PopulationSummary[]
}

/** An account. `GET /api/accounts` */
export interface AccountView {
  /** Number. */
  id: number
  /** Sign-in name. */
  sign_in: string
  /** Name. */
  name: string
  /** Role; `public` until one is given. */
  role: string
  /** Region. */
  division: DivisionView
  /** Department. */
  department: string | null
  /** Firm. */
  firm: number | null
  /** Locked until. */
  locked_until: string | null
  /** Disabled. */
  disabled: boolean
  /** Initial password, told once: in the answer that made it. */
  secret: string | null
}

/** An audit entry. `GET /api/audit` */
export interface AuditView {
  /** Number in the chain. */
  seq: number
  /** When. */
  at: string
  /** Who. */
  actor: string
  /** In which role. */
  role: string
  /** What. */
  action: string
  /** About what. */
  subject: string
  /** Details. */
  detail: unknown
  /** Link. */
  hash: string
}

/** State of the audit chain. `GET /api/audit/verify` */
export interface AuditCheck {
  /** The chain holds. */
  holds: boolean
  /** Entries. */
  entries: number
  /** Last link. */
  head: string
  /** First broken entry and what differs. */
  broken: [number, string] | null
}

/** Every refusal on the wire: a stable code, a sentence in both languages, and where. */
export interface Problem {
  /** Stable code, such as `stage-not-ready`. */
  code: string
  /** Sentence. */
  message: Label
  /** Field faults. */
  fields: FaultView[]
}

// Titles and policies, one for one with `crates/services/src/policy_views.rs`.

/** `met`, `not_met` or `unknown`; unknown is neither of the others. */
export type Outcome = 'met' | 'not_met' | 'unknown'

/** A rule in a list. `GET /api/rules?on=` */
export interface RuleHead {
  /** Path of its folder below `law/`. */
  id: string
  /** Version that governs filings of the day. */
  version: number
  /** `title` or `policy`. */
  kind: string
  title: Label
  /** `nation`, `province`, `city`, `county`. */
  level: string
  /** Department that decides. */
  owner: string
  document: string
  /** Articles of the regulation that it carries out. */
  articles: number[]
  /** First day on which filings go by it. */
  from: string
  to: string | null
  /** Place in a ladder. */
  rung: { line: string; step: number } | null
  window: WindowView
  /** Something of it was not seen in its source. */
  unverified: boolean
  /** What is decided by comparison or judgement after the conditions are met. */
  competitive: Label | null
}

/** When one may apply. */
export interface WindowView {
  /** `always`, `open`, `upcoming`, `closed`. */
  state: string
  /** First moment of the window that is open or next, else of the last one. */
  from: string | null
  to: string | null
}

/** A rule with everything that it says. `GET /api/rule?rule=&on=` */
export interface RuleView {
  head: RuleHead
  issuer: string | null
  /** Address of the text that was read. */
  url: string | null
  /** Its file as written. */
  text: string
  versions: RuleVersion[]
  /** Numbers that may be changed to try. */
  adjustable: RuleNumber[]
  findings: RuleFinding[]
  /** Figures and titles that it asks for. */
  facts: FactAsked[]
}

/** A version of a rule. */
export interface RuleVersion {
  version: number
  from: string
  to: string | null
  document: string
}

/** A number of a rule that may be changed to try. */
export interface RuleNumber {
  path: string
  title: Label
  /** Percentages as fractions. */
  value: Decimal
}

/** Something that a rule says and must not, or that a person should look at. */
export interface RuleFinding {
  /** `fair_competition`, `equal_treatment`, `contradiction`, `dead_branch`, `judged`. */
  code: string
  /** Keeps the rule from coming into force. */
  blocks: boolean
  /** Condition. */
  node: string | null
  message: Label
  /** Document and clause that say so. */
  ground: string | null
}

/** A fact that a rule asks for. */
export interface FactAsked {
  id: string
  title: Label
  /** Department that states it; none for what the register supplies. */
  owner: string | null
}

/** What every rule makes of a firm. `GET /api/firms/{id}/policies?on=` */
export interface FirmPolicies {
  firm: number
  name: string
  /** Day of filing that is assumed. */
  on: string
  /** Last full year before it. */
  year: number
  rules: FirmRule[]
  ladders: LadderView[]
  /** Policies that go together best; none when none is met. */
  best: BestView | null
}

/** What a rule makes of a firm, in a line. */
export interface FirmRule {
  rule: RuleHead
  outcome: Outcome
  held: HeldView | null
  /** Conditions that fail, in the order written. */
  unmet: UnmetView[]
  missing: MissingView[]
  /** Smallest changes that would do, the easiest first. */
  repairs: RepairView[]
  amount: AmountView | null
  /** `no_application`, `quick`, `review`: how it is had. */
  route: string
  /** Why not without application: facts that no department has stated itself. */
  route_facts: FactAsked[]
}

/** A title that a firm holds. */
export interface HeldView {
  from: string
  /** Last day; none: no end is known. */
  to: string | null
  days_left: number | null
  /** The conditions of the re-check fail today. */
  at_risk: boolean
}

/** A condition that fails. */
export interface UnmetView {
  id: string
  title: Label
  /** What it saw: `0.029 >= 0.03`. */
  seen: string | null
  clause: string | null
}

/** A fact that is not known and would have to be. */
export interface MissingView {
  id: string
  title: Label
  year: number | null
  /** Department that owns it; none where people judge. */
  owner: string | null
}

/** Changes that together are enough. */
export interface RepairView {
  moves: RepairMove[]
  text: Label
}

/** One fact as it would have to be. */
export interface RepairMove {
  fact: string
  title: Label
  year: number | null
  from: string | null
  to: string | null
  by: Decimal | null
  unit: Label
  /** `act`, `state`, `wait`, `later_year`, `fixed`. */
  way: string
}

/** What a policy pays. */
export interface AmountView {
  /** The least that is certain. */
  low: Decimal
  high: Decimal
  /** Before additions and caps. */
  sum: Decimal
  /** The cap that held it down. */
  cap: Decimal | null
  uplifts: Label[]
  unit: Label
  /** What of it was assumed. */
  assumed: string | null
}

/** A ladder of titles. */
export interface LadderView {
  /** `quality`, `science`, …. */
  line: string
  /** From the lowest. */
  rungs: LadderRung[]
}

/** A rung of a ladder. */
export interface LadderRung {
  rule: string
  title: Label
  step: number
  state: Outcome | 'held'
  /** The next one to climb. */
  next: boolean
  until: string | null
  at_risk: boolean
}

/** The best lawful combination. */
export interface BestView {
  take: { rule: string; title: Label; sum: Decimal }[]
  sum: Decimal
  unit: Label
  leave: { rule: string; title: Label; why: Label }[]
}

/** Why a rule came out as it did for a firm. `GET /api/firms/{id}/policy?rule=&on=` */
export interface FirmRuleProof {
  line: FirmRule
  /** Version of the record. */
  record: number
  condition: ReasonView
  points: PointView[]
}

/** A condition with what it saw. */
export interface ReasonView {
  id: string
  title: Label
  /** `all`, `any`, `at_least`, `not`, `unless`, `if`, `judged`, `slot`. */
  kind: string
  /** How many, of `at_least`. */
  count: number | null
  truth: Outcome
  /** The expression as written. */
  formula: string | null
  seen: SeenView[]
  inputs: InputView[]
  parts: ReasonView[]
  clause: string | null
  /** What was assumed, where it was not seen in its source. */
  assumed: string | null
  evidence: Label | null
}

/** A comparison with its two sides. */
export interface SeenView {
  left: Decimal | null
  /** `>`, `>=`, `=`, `<>`. */
  op: string
  right: Decimal | null
  truth: Outcome
  /** A divisor is zero or negative. */
  undefined: boolean
}

/** A figure, title or attribute that a condition rests on. */
export interface InputView {
  id: string
  title: Label
  year: number | null
  /** Value; none: unknown. */
  value: string | null
  unit: Label
  owner: string | null
  source: SourceView | null
}

/** Points of a table, group or item. */
export interface PointView {
  id: string
  title: Label
  /** Least points that what is unknown leaves open. */
  low: Decimal
  high: Decimal
  /** Most that there are. */
  max: Decimal | null
  /** Band or case. */
  case: Label | null
  /** The value that bands hold. */
  value: Decimal | null
  clause: string | null
  parts: PointView[]
}

/** What to try on a rule. `POST /api/rules/simulate` */
export interface SimulateRule {
  rule: string
  on?: string | null
  /** That of the one who asks when not given. */
  division?: string | null
  changes: RuleChange[]
}

/** A change of a number to try. */
export interface RuleChange {
  path: string
  /** Percentages as fractions. */
  value: Decimal
}

/** What a rule makes of all firms of a place. */
export interface RulePopulation {
  rule: RuleHead
  division: string
  on: string
  firms: number
  /** As it stands. */
  now: PopulationCount
  /** With the changes, where there are some. */
  then: PopulationCount | null
  /** Firms that qualify only with the changes. */
  gain: number
  /** Firms that qualify only without them. */
  lose: number
  /** Some of those that move. */
  moved: { firm: number; name: string; from: Outcome; to: Outcome }[]
  failing: CountedCondition[]
  missing: { fact: FactAsked; firms: number }[]
  ms: number
}

/** Counts and the bill. */
export interface PopulationCount {
  met: number
  not_met: number
  unknown: number
  /** What those that qualify would be paid together. */
  bill: Decimal | null
  budget: Decimal | null
  over: boolean
  unit: Label
}

/** A condition and how many firms fail it. */
export interface CountedCondition {
  id: string
  title: Label
  not_met: number
  unknown: number
}

// Rounds and the filings in them, one for one with `crates/services/src/round_views.rs`.

/** A round in a list. `GET /api/rounds` */
export interface RoundRow {
  id: number
  title: string
  /** `first` or `recheck`. */
  kind: string
  /** Rule that is decided by, without version: each filing has its own. */
  rule: string
  /** Every rule by which filings in the window go, narrower ones that stand in its place included. */
  rules: string[]
  rule_title: Label
  /** `title` or `policy`. */
  rule_kind: string
  /** Division whose department decides. */
  division: DivisionView
  /** First moment of the window, local: `2026-03-15T00:00:00`. */
  from: string
  /** Last moment. */
  to: string
  /** `upcoming`, `open`, `over`. */
  window: string
  state: string
  state_title: Label
  /** Filings that the person may see, by state. */
  filings: StateCount[]
}

/** How many are in a state. */
export interface StateCount {
  state: string
  title: Label
  count: number
}

/** A round in full. `GET /api/rounds/{id}` */
export interface RoundDetail {
  row: RoundRow
  /** Lock: sent back with every step. */
  version: number
  /** Versions of the rule that the window touches, the earlier first. */
  versions: RuleHead[]
  stages: Stage[]
  /** Share of approved filings that are visited, in percent. */
  sample_percent: string
  /** Facts as cut; none before. */
  cut: RoundCut | null
  /** Earlier cuts, the latest first. */
  earlier_cuts: RoundCut[]
  /** How the site sample was drawn; none before. */
  draw: DrawView | null
  notice: ClockView | null
  /** Digest of the list as published. */
  list: string | null
  /** Of a re-check: holders whose term ends up to this day are in it. */
  due_by: string | null
  /** What a policy's listed filings come to. */
  money: RoundMoney | null
  actions: ActionView[]
  /** The person may hand in filings: `own` firm, `any` firm (received on paper), or empty. */
  may_file: string
  /** What happened, newest first. */
  history: HistoryItem[]
}

/** Facts of all filings as they were on one day. */
export interface RoundCut {
  at: string
  by: string
  /** Why, of a second cut. */
  reason: string
  /** Digest of the facts. */
  facts: string
  /** Digest of what came out. */
  results: string
  filings: number
  /** Filings whose result differs from the cut before. */
  changed: number
}

/** How a sample was drawn: anybody can draw it again. */
export interface DrawView {
  /** SHA-256 of the secret, shown since the cut. */
  commitment: string
  /** The secret, shown since the draw. */
  secret: string
  /** SHA-256 of secret and pool: orders the pool. */
  seed: string
  strata: DrawnStratum[]
}

/** The draw in one county. */
export interface DrawnStratum {
  division: DivisionView
  /** How many are visited. */
  take: number
  /** All of them in order; the first `take` are visited. */
  order: DrawnFiling[]
}

/** A filing in a draw. */
export interface DrawnFiling {
  filing: number
  /** Firm's name, for officers and auditors; empty for others. */
  name: string
  /** SHA-256 of seed and filing, by which it is ordered. */
  key: string
  taken: boolean
}

/** Money of a round of a policy. */
export interface RoundMoney {
  unit: Label
  /** What the filings that stand would be paid together. */
  claims: Decimal
  /** Budget line. */
  line: string | null
  budget: Decimal | null
  /** Already bound by other rounds of the line and year. */
  bound: Decimal
  /** `prorate`, `queue`, `refuse`: what happens when claims come to more. */
  over_rule: string | null
  /** Claims and what is bound exceed the budget. */
  over: boolean
  paid: Decimal
}

/** A filing in a list. `GET /api/filings`, `GET /api/rounds/{id}/filings` */
export interface FilingRow {
  id: number
  round: number
  round_title: string
  rule: string
  rule_title: Label
  /** Version of the rule that holds for it, by the day of filing. */
  rule_version: number
  firm: number
  name: string
  /** County. */
  division: DivisionView
  /** Moment of filing, local. */
  filed_at: string
  /** `first` or `recheck`. */
  kind: string
  state: string
  state_title: Label
  /** None before the cut. */
  outcome: Outcome | null
  /** Passed by two persons although a condition is not met. */
  exception: boolean
  /** It was drawn for a visit. */
  sampled: boolean
  /** `passed`, `failed`; none: not visited. */
  site: string | null
  /** Questions to the reviewer that are not answered. */
  questions: number
  /** Cost lines that another filing has already claimed. */
  clashes: number
  /** What it would be paid, or is. */
  sum: Decimal | null
  unit: Label
  /** Last day of the title, once listed. */
  until: string | null
}

/** A filing in full. `GET /api/filings/{id}` */
export interface FilingDetail {
  row: FilingRow
  /** Lock: sent back with every step. */
  version: number
  /** The rule by which it goes. */
  rule: RuleHead
  /** The version that would hold had it been filed at the other end of the window, where that differs. */
  other_version: RuleVersionAt | null
  /** Why it came out so; none before the cut. */
  proof: FilingProof | null
  /** What people judge, with what they found. */
  judged: JudgedView[]
  /** Questions to the reviewer. Never a verdict. */
  questions: QuestionView[]
  /** Invoice lines. */
  lines: LineView[]
  documents: DocumentView[]
  /** What it is paid, of a policy. */
  amount: AmountView | null
  payment: PaymentView | null
  /** Payments that rest on the title, of a title that was removed. */
  claw_back: ClawBackView[]
  actions: ActionView[]
  /** Invoice lines and documents may be handed in: `filed`, `built`, or empty. */
  may_add: string
  may_judge: boolean
  may_answer: boolean
  /** What happened, newest first. */
  history: HistoryItem[]
}

/** The version of a rule on a day. */
export interface RuleVersionAt {
  on: string
  /** Often the one that the other stands in the place of. */
  rule: string
  title: Label
  version: number
  document: string
  /** What that version makes of the same firm; none before the cut. */
  outcome: Outcome | null
}

/** Why a filing came out as it did, from the facts as cut. */
export interface FilingProof {
  outcome: Outcome
  /** Version of the record. */
  record: number
  /** Digest of the cut that holds its facts. */
  facts: string
  condition: ReasonView
  points: PointView[]
  /** Conditions that fail. */
  unmet: UnmetView[]
  /** Facts that are not known. */
  missing: MissingView[]
}

/** Something that people judge. */
export interface JudgedView {
  fact: FactAsked
  /** `boolean`, `number`, `text`. */
  kind: string
  /** What was found; none: not yet. */
  value: string | null
  /** On what that rests. */
  says: string | null
  by: string | null
  at: string | null
}

/** A question to the reviewer. */
export interface QuestionView {
  id: string
  title: Label
  /** What it rests on: what was seen. */
  seen: Label[]
  document: string
  /** What was assumed, where no document says so. */
  assumed: string | null
  answer: string | null
  by: string | null
  at: string | null
}

/** An invoice line. */
export interface LineView {
  id: number
  invoice: string
  /** Line of the invoice, from 1. */
  line: number
  /** Credit code of the seller. */
  seller: string
  /** Day of the invoice. */
  on: string
  item: string
  /** Sum without tax, yuan. */
  amount: Decimal
  /** Serial number or place of the thing bought, as filed. */
  serial: string
  fingerprint: string
  /** The filing that claimed it first, where that is another one. */
  clash: ClashView | null
  /** As found on the spot: `found`, `missing`, `differs`; none: not yet looked at. */
  built: string | null
  /** The sum found, yuan. */
  built_amount: Decimal | null
  built_note: string
}

/** The filing that has a cost line already. */
export interface ClashView {
  filing: number
  rule_title: Label
  /** Name of its firm, for those who may see it. */
  name: string | null
}

/** A document. */
export interface DocumentView {
  name: string
  /** Bytes. */
  size: number
  digest: string
  /** Filings of other firms that hold the same document. */
  shared_with: number[]
}

/** A payment. */
export interface PaymentView {
  sum: Decimal
  unit: Label
  /** Account that it goes to; none: not known. */
  account: string | null
  /** `open`, `closed`, `unknown`. */
  account_state: string
  /** Who pays which share. */
  shares: ShareView[]
  /** `due`, `asked`, `paid`, `to_recover`, `recovered`. */
  state: string
  paid_at: string | null
}

/** A level's share of a payment. */
export interface ShareView {
  /** `nation`, `province`, `city`, `county`. */
  level: string
  sum: Decimal
}

/** A payment that rests on a title that was removed. */
export interface ClawBackView {
  /** Filing that was paid. */
  filing: number
  rule_title: Label
  sum: Decimal
  unit: Label
  state: string
}

/** Whether a round recomputes from its cut and the rules. `GET /api/rounds/{id}/verify` */
export interface RoundVerification {
  round: number
  agrees: boolean
  /** Filings recomputed. */
  filings: number
  /** Digest of the results as kept. */
  kept: string
  recomputed: string
  differences: Label[]
}

/** A round to open. `POST /api/rounds` */
export interface NewRound {
  rule: string
  /** `first` or `recheck`. */
  kind: string
  /** Such as `2026 年第一批`. */
  title: string
  /** Local: `2026-03-15T00:00:00`. */
  from: string
  /** Inclusive. */
  to: string
  /** 0 to 100. */
  sample_percent: string
  /** Of a re-check: holders whose term ends up to this day are in it. */
  due_by: string | null
}

/** A filing to hand in. `POST /api/rounds/{id}/filings` */
export interface NewFiling {
  /** A firm's own account leaves it out. */
  firm: number | null
  /** Moment at which an officer received it on paper, local; now when not given. */
  filed_at: string | null
}

/** What a reviewer found of something that people judge, or the answer to a question. */
export interface Finding {
  version: number
  /** Fact judged, or question answered. */
  id: string
  /** `true`, `false`, a number, a text; of a question the answer. Empty takes it back. */
  value: string
  /** On what that rests. */
  says: string
}

/** An invoice line to hand in. */
export interface NewLine {
  /** 8, 12, 18 or 20 digits. */
  invoice: string
  line: number
  seller: string
  on: string
  item: string
  amount: Decimal
  serial: string
}

/** What was found on the spot of a cost line. */
export interface BuiltFinding {
  version: number
  /** `found`, `missing`, `differs`. */
  built: string
  /** The sum found, yuan; needed when it differs. */
  amount: Decimal | null
  note: string
}

// ---- industry chains, needs, clusters: one for one with crates/services/src/chain_views.rs --------
// ---- chains -------------------------------------------------------------------------------------

/** A template of `law/` by which a chain can be opened. */
export interface ChainTemplateRow {
  /** Path of its file. */
  id: string
  /** Title. */
  title: Label
  /** Edition in force today. */
  edition: number
  /** Stages. */
  stages: number
  /** Products. */
  products: number
  /** Why it is not verified; empty when it is. */
  unverified: string
}

/** A chain in a list. */
export interface ChainRow {
  /** Identity. */
  id: number
  /** Title. */
  title: string
  /** Template that it follows. */
  template: string
  /** Title of the template. */
  template_title: Label
  /** Division whose office leads the chain. */
  division: DivisionView
  /** Number of the newest revision. */
  revision: number
  /** When that was made. */
  changed_at: string
  /** Nodes today, by kind: `stage`, `product`, `firm`, `project`, `technology`, `people`, `money`. */
  nodes: KindCount[]
  /** Links today. */
  links: number
  /** Products with a maker in the division, over all products. */
  covered: number
  /** Products. */
  products: number
  /** Tasks that are open. */
  tasks_open: number
  /** Placements that wait for a person. */
  doubtful: number
}

/** How many there are of a kind. */
export interface KindCount {
  /** Kind. */
  kind: string
  /** How many. */
  count: number
}

/** A chain in full, without its graph. */
export interface ChainDetail {
  /** Its line. */
  row: ChainRow
  /** The person may change it. */
  may_change: boolean
  /** The person sees all of it; else only what lies in their own region. */
  whole: boolean
  /** Every day on which something begins or ends, ascending: stops of the time slider. */
  days: string[]
  /** The latest revisions, newest first. */
  revisions: RevisionView[]
  /** Divisions in which there are firms, for choosing a place. */
  places: DivisionView[]
  /** Links less sure than this are dashed and count in no figure. */
  confidence_min: number
  /** Days that a stress test stops by default. */
  stop_days: number
  /** Days that it follows by default. */
  horizon_days: number
}

/** One revision. */
export interface RevisionView {
  /** Number, from 1. */
  number: number
  /** When. */
  at: string
  /** Who. */
  by: string
  /** Why. */
  reason: string
  /** What: `opened`, `imported`, `changed`, `placed`, `task`. */
  kind: string
  /** Digest of the chain as it is from here on. */
  digest: string
}

/** `POST /api/chains` */
export interface NewChainRequest {
  /** Template. */
  template: string
  /** Title; empty: that of the template. */
  title?: string
}

// ---- graph --------------------------------------------------------------------------------------

/**
 * The graph of a day. Nodes and links are told by columns: row `i` is entry `i` of every list, so that
 * a hundred thousand firms stay small on the way.
 */
export interface ChainGraph {
  /** Revision. */
  revision: number
  /** Day. */
  day: string
  /** Nodes. */
  nodes: NodeColumns
  /** Links. */
  links: LinkColumns
  /** Divisions named in the nodes, code to name. */
  places: DivisionView[]
}

/** Nodes by columns. */
export interface NodeColumns {
  /** Id. */
  id: string[]
  /** Kind. */
  kind: string[]
  /** Name. */
  name: string[]
  /** Place, a division code; null where not known. */
  place: (string | null)[]
  /** Output in 万元 a year. */
  output: (number | null)[]
  /** Of a product: the row of its stage. Of a firm, project or technology: the row of the product it belongs to most. Of people and money: the row of what they work for. Null where there is none. */
  parent: (number | null)[]
  /** Of a product: `missing`, `single`, `few`, `covered`; empty for all others. */
  cover: string[]
  /** A product of whose weakness a task has begun (`task`) or was carried out with evidence (`done`); else empty. */
  task: string[]
}

/** Links by columns. */
export interface LinkColumns {
  /** Row of the node where it starts. */
  from: number[]
  /** Row of the node where it ends. */
  to: number[]
  /** `made_of`, `precedes`, `belongs`, `places`, `supplies`, `substitutes`, `builds`, `serves`, `works_on`, `funds`. */
  kind: string[]
  /** How sure it is, 0 to 1. */
  confidence: number[]
  /** Amount in 万元 a year. */
  amount: (number | null)[]
  /** Share. */
  share: (number | null)[]
}

/** One node with everything that is known of it. */
export interface ChainNodeView {
  /** Id. */
  id: string
  /** Kind. */
  kind: string
  /** Name. */
  name: string
  /** Product code. */
  code: string | null
  /** Place. */
  place: DivisionView | null
  /** Output in 万元 a year. */
  output: number | null
  /** First day. */
  from: string | null
  /** First day on which it is gone. */
  until: string | null
  /** The firm of the register, when it is one that the person may open. */
  firm: number | null
  /** Its links on the day. */
  links: ChainLinkView[]
  /** Of a firm: how it depends on each input. */
  terms: TermsView[]
  /** Of a product: its figures and what follows. */
  gap: GapRow | null
}

/** A link as seen from one of its ends. */
export interface ChainLinkView {
  /** `out` or `in`. */
  way: string
  /** Kind. */
  kind: string
  /** The other end. */
  node: string
  /** Its name. */
  name: string
  /** Its kind. */
  node_kind: string
  /** Share. */
  share: number | null
  /** Amount in 万元 a year. */
  amount: number | null
  /** How sure it is. */
  confidence: number
  /** It counts: sure enough. */
  counts: boolean
  /** First day. */
  from: string | null
  /** First day on which it no longer holds. */
  until: string | null
  /** Why it is believed. */
  evidence: EvidenceView[]
}

/** Why a link is believed. */
export interface EvidenceView {
  /** Document, row or declaration. */
  source: string
  /** Who entered it. */
  author: string
  /** When, a day. */
  noted: string
}

/** How a firm depends on an input. */
export interface TermsView {
  /** Product node. */
  product: string
  /** Its name. */
  name: string
  /** The firm stops without it. */
  essential: boolean
  /** Stock in days of full use. */
  stock_days: number
  /** Part that comes from abroad. */
  outside: number
  /** Part that a second source takes over at once. */
  secured: number
  /** Part that substitutes cover. */
  substitute: number
  /** From which day on. */
  substitute_from: number
  /** Where that is from; empty: assumed by rule. */
  source: string
}

/** A change to a chain. `POST /api/chains/{id}/changes` */
export interface ChainChangeRequest {
  /** Lock: the revision that the person saw. */
  revision: number
  /** Why. */
  reason: string
  /** What. */
  ops: ChainOp[]
}

/** One change. Fields not named by the operation stay empty. */
export type ChainOp =
  /** Adds a node or replaces the one of that id. */
  | { op: 'put_node'; id: string; kind: string; name: string; code?: string | null; place?: string | null; output?: number | null; from?: string | null }
  /** Ends a node and its links from a day on. */
  | { op: 'end_node'; id: string; day: string }
  /** Adds a link or replaces the one with these ends, kind and first day. */
  | { op: 'put_link'; from: string; to: string; kind: string; share?: number | null; amount?: number | null; confidence: number; source: string; valid_from?: string | null }
  /** Ends a link from a day on. */
  | { op: 'end_link'; from: string; to: string; kind: string; day: string }
  /** States how a firm depends on an input. */
  | { op: 'put_terms'; buyer: string; product: string; essential: boolean; stock_days: number; outside: number; secured: number; substitute: number; substitute_from: number; source: string }

/** What an import found. Nothing is kept when there are faults or when it was a trial. */
export interface ChainImportReport {
  /** It was kept. */
  kept: boolean
  /** The revision that holds it. */
  revision: number | null
  /** Nodes read. */
  nodes: number
  /** Links read. */
  links: number
  /** Nodes new, changed and gone against what was there. */
  nodes_new: number
  /** Nodes that differ. */
  nodes_changed: number
  /** Nodes that are no longer there. */
  nodes_gone: number
  /** Links new or changed. */
  links_new: number
  /** Links gone or changed. */
  links_gone: number
  /** Everything that is wrong, in the order of the file. */
  faults: ChainFault[]
  /** Faults beyond those listed. */
  faults_more: number
}

/** What is wrong with a node, a link or a line. */
export interface ChainFault {
  /** Kind of fault, such as `self_loop`. */
  code: string
  /** Where. */
  place: string
  /** What was found. */
  found: string
  /** What is allowed. */
  allowed: string
}

// ---- placements ---------------------------------------------------------------------------------

/** Firms on products: what evidence says, what people decided, how good it is. */
export interface PlacementsView {
  /** Revision. */
  revision: number
  /** Placements, those that wait first, then by confidence. */
  rows: PlacementRow[]
  /** From here on a placement is made without asking. */
  accept: number
  /** Below it is left; between both a person decides. */
  doubt: number
  /** How good placements are on the labelled sample; none without labels. */
  quality: PlacementQuality | null
}

/** One firm on one product. */
export interface PlacementRow {
  /** Firm node. */
  firm: string
  /** Its name. */
  firm_name: string
  /** Where it is. */
  place: DivisionView | null
  /** Product node. */
  product: string
  /** Its name. */
  product_name: string
  /** How sure it is, 0 to 1. */
  confidence: number
  /** `placed`, `doubtful`, `left`; after a decision `placed_by_hand`, `refused_by_hand`. */
  state: string
  /** What it rests on. */
  parts: PlacementPart[]
  /** Who decided, when and why; empty before. */
  decided: HistoryItem | null
}

/** What one kind of evidence gives. */
export interface PlacementPart {
  /** `declares`, `sells`, `buys`, `patents`, `licensed`. */
  kind: string
  /** Why it matches: `code_equal`, `code_parent`, `name_equal`, `term_contained`, `buys_inputs`. */
  why: string
  /** The text or code as it stands in the source. */
  text: string
  /** Source. */
  source: string
  /** Strength of the match, 0 to 1. */
  strength: number
  /** Weight of the kind. */
  weight: number
}

/** Precision and recall on the labelled sample. */
export interface PlacementQuality {
  /** Labelled pairs. */
  labels: number
  /** Placed and right. */
  right: number
  /** Placed and wrong. */
  wrong: number
  /** Not placed though right. */
  missed: number
  /** Precision, with its 95 % interval. */
  precision: Interval | null
  /** Recall. */
  recall: Interval | null
  /** Precision and recall at other thresholds. */
  curve: QualityPoint[]
  /** Stated confidence against what labels say. */
  bins: QualityBin[]
}

/** A share with the interval in which it lies with 95 % (Wilson 1927). */
export interface Interval {
  /** The share. */
  value: number
  /** Lower end. */
  low: number
  /** Upper end. */
  high: number
}

/** Quality at a threshold. */
export interface QualityPoint {
  /** Threshold. */
  threshold: number
  /** Precision; none when nothing is placed. */
  precision: number | null
  /** Recall. */
  recall: number | null
}

/** Confidence as stated and as it turned out. */
export interface QualityBin {
  /** From. */
  low: number
  /** To. */
  high: number
  /** Labelled pairs in it. */
  pairs: number
  /** Mean stated confidence. */
  stated: number | null
  /** Part of them that is right. */
  observed: number | null
}

/** `POST /api/chains/{id}/placements` */
export interface PlaceRequest {
  /** Lock: the revision that the person saw. */
  revision: number
  /** Firm node. */
  firm: string
  /** Product node. */
  product: string
  /** Place it (else refuse it). */
  place: boolean
  /** Why. */
  reason: string
}

// ---- gaps ---------------------------------------------------------------------------------------

/** All products of a chain in a place. */
export interface GapsView {
  /** Revision. */
  revision: number
  /** Day. */
  day: string
  /** Place. */
  place: DivisionView
  /** Products with a maker in the place. */
  covered: number
  /** Products. */
  products: number
  /** Money, people, technology and firms against each other, by product. */
  rows: GapRow[]
}

/** One product in a place. */
export interface GapRow {
  /** Product node. */
  product: string
  /** Name. */
  name: string
  /** Stage. */
  stage: string
  /** Makers in the place. */
  makers: number | null
  /** Makers known anywhere. */
  sources: number | null
  /** Part of known output made in the place. */
  local_share: number | null
  /** Concentration of all known makers. */
  hhi: number | null
  /** Part of use that is imported. */
  import_share: number | null
  /** Location quotient. */
  location_quotient: number | null
  /** Nearness to what the place makes. */
  density: number | null
  /** Demand of the place in 万元 a year. */
  demand: number | null
  /** Part of the chain's output that is lost when every source of the product stops. */
  criticality: number | null
  /** Technology tier. */
  tier: number | null
  /** Substitutes with the part of the need they cover. */
  substitutes: SubstituteView[]
  /** `build`, `fill`, `extend`, `strengthen` where they are called for, the first is the label. */
  steps: string[]
  /** All four answers with the arithmetic. */
  findings: FindingView[]
  /** Four chains on one product. */
  overlay: OverlayView
  /** A task that is open on it. */
  task: number | null
  /** Figures whose template values nobody has verified. */
  unverified: string[]
}

/** A product that can stand in. */
export interface SubstituteView {
  /** Product node. */
  product: string
  /** Its name. */
  name: string
  /** Part of the need that it covers. */
  share: number | null
}

/** Whether one step is called for, and why. */
export interface FindingView {
  /** `build`, `fill`, `extend`, `strengthen`. */
  step: string
  /** Null when figures that are not known decide. */
  holds: boolean | null
  /** Groups of comparisons: every group must hold, and a group holds when one of its comparisons does. */
  all_of: TestView[][]
  /** Factors whose product ranks it. */
  factors: FactorView[]
  /** That product. */
  rank: number | null
}

/** One comparison. */
export interface TestView {
  /** Figure, a field of [`GapRow`] or `coverage`, `substitute`, `adjacent`, `margin`. */
  what: string
  /** Its value. */
  value: number | null
  /** `below` or `at_least`. */
  relation: string
  /** With what. */
  threshold: number
  /** Null when the figure is not known. */
  holds: boolean | null
}

/** A factor of a rank. */
export interface FactorView {
  /** Figure. */
  what: string
  /** Value. */
  value: number | null
}

/** Firms, technologies, people and money on a product. */
export interface OverlayView {
  /** Firms in the place. */
  firms: number
  /** Projects. */
  projects: number
  /** Technologies. */
  technologies: number
  /** Groups of people. */
  people: number
  /** Money items. */
  money: number
  /** Money in 万元, as far as amounts are known. */
  funds: number | null
  /** Largest gap between the four, each as its rank among all products, 0 to 1; null without any. */
  mismatch: number | null
  /** What is there without what, such as `money_without_people`; empty when nothing stands out. */
  says: string
}

// ---- stress -------------------------------------------------------------------------------------

/** `POST /api/chains/{id}/stress` */
export interface StressRequest {
  /** Day of the graph; empty: today. */
  day: string
  /** What stops. */
  stops: StressStop[]
  /** Days followed. */
  horizon: number
  /** Rivals take over in the second model (`shared`) or not (`captive`). */
  market: string
  /** Days of stock added to every input, beside what is known. */
  extra_stock: number
}

/** One stop. */
export interface StressStop {
  /** `firm` (id of the node), `place` (division code: a park, county, city), `product` (all makers of a product node), `abroad` (a product node from abroad). */
  kind: string
  /** Which. */
  id: string
  /** Part that stops, 0 to 1. */
  share: number
  /** First day, from 0. */
  from_day: number
  /** Days. */
  days: number
}

/** What a scenario costs, by two models that share no assumption. */
export interface StressView {
  /** Revision. */
  revision: number
  /** Day. */
  day: string
  /** Firms in the network. */
  firms: number
  /** Supply links in it. */
  links: number
  /** Output of all firms in a day, 万元. */
  output: number
  /** What stops, in words. */
  stops: StopView[]
  /** Shortage through stocks and substitutes, day by day. */
  shortage: ShortageView
  /** The systemic risk index, without stocks. */
  systemic: SystemicView
  /** Firms that lose, the largest loss first (500 at most). */
  rows: StressFirm[]
  /** Firms that lose in all. */
  losing: number
  /** Losses by division. */
  places: StressPlace[]
  /** Losses by product. */
  products: StressProduct[]
  /** Where the two models differ by more than a factor that the rules name. */
  differ: DifferView[]
  /** What the network left out or assumed. */
  notes: Label[]
  /** Time that the models took, ms. */
  took_ms: number
}

/** A stop in words. */
export interface StopView {
  /** Kind. */
  kind: string
  /** Id. */
  id: string
  /** Name. */
  name: string
  /** Firms that it stops. */
  firms: number
  /** Part. */
  share: number
  /** First day. */
  from_day: number
  /** Days. */
  days: number
}

/** The first model. */
export interface ShortageView {
  /** Lost output of all firms, 万元. */
  total: number
  /** That over what all would make. */
  share: number
  /** Lost output by day, 万元. */
  daily: number[]
  /** Day from which on all run in full; null: not within the days followed. */
  back_on: number | null
}

/** The second model. */
export interface SystemicView {
  /** Lost output in a day, 万元. */
  total: number
  /** Over all output. */
  index: number
  /** It came to rest. */
  settled: boolean
  /** By how much the index can be larger; null where no bound holds. */
  error: number | null
}

/** One firm's loss. */
export interface StressFirm {
  /** Firm node. */
  firm: string
  /** Name. */
  name: string
  /** Place. */
  place: string | null
  /** Product that it makes. */
  product: string
  /** Output in a day, 万元. */
  output: number
  /** Lost output, 万元; null where the first model has none. */
  loss: number
  /** Days of full output lost. */
  days: number
  /** First day that it loses anything. */
  first_day: number | null
  /** Day from which it runs in full again. */
  back_on: number | null
  /** Part lost by the second model: for want of inputs. */
  down: number
  /** For want of buyers. */
  up: number
}

/** Losses of a division. */
export interface StressPlace {
  /** Division code; empty where not known. */
  code: string
  /** Name. */
  name: string
  /** Firms that lose. */
  firms: number
  /** Lost output, 万元. */
  loss: number
  /** Over its output in all days. */
  share: number
}

/** Losses of a product. */
export interface StressProduct {
  /** Product node. */
  product: string
  /** Name. */
  name: string
  /** Firms that lose. */
  firms: number
  /** Lost output, 万元. */
  loss: number
  /** First day on which one of its makers loses anything. */
  first_day: number | null
}

/** Where models differ. */
export interface DifferView {
  /** Firm node. */
  firm: string
  /** Name. */
  name: string
  /** Part lost by the first, over the days of the stop. */
  shortage: number
  /** By the second. */
  systemic: number
  /** Why, as far as the models say: `stock`, `substitute`, `buyers`, `not_essential`, `other`. */
  why: string
}

/** Every source in turn. */
export interface RankingView {
  /** Revision. */
  revision: number
  /** Day. */
  day: string
  /** Days that each stops. */
  days: number
  /** Days followed. */
  horizon: number
  /** The largest losses first. */
  rows: RankingRow[]
  /** Sources tested. */
  sources: number
  /** Rank correlation of the two models (Spearman), over firms. */
  agreement: number | null
  /** Time that the models took, ms. */
  took_ms: number
}

/** One source's place. */
export interface RankingRow {
  /** `firm` or `abroad`. */
  kind: string
  /** Node of the firm or product. */
  id: string
  /** Name. */
  name: string
  /** Place. */
  place: string | null
  /** Product that it makes. */
  product: string
  /** Output in a day, 万元. */
  output: number | null
  /** Rank by output among firms. */
  output_rank: number | null
  /** Lost output by the first model, 万元. */
  loss: number
  /** Rank by it. */
  rank: number
  /** Index by the second model; null for what only the first knows. */
  index: number | null
  /** Rank by it. */
  index_rank: number | null
  /** Loss over own lost output: how much more it matters than its size. */
  leverage: number | null
}

// ---- proposals and tasks ------------------------------------------------------------------------

/** What could be done about a product. */
export interface ProposalsView {
  /** Revision. */
  revision: number
  /** Day. */
  day: string
  /** Product node. */
  product: string
  /** Name. */
  name: string
  /** Scenario by which effects are measured: what stops. */
  scenario: StressRequest
  /** Lost output in it as things stand, 万元. */
  loss: number
  /** Moves, the largest effect first. */
  moves: MoveView[]
  /** The cheapest moves that halve the loss, by their numbers in `moves`; null: all together are not enough. */
  smallest: number[] | null
  /** Nearest related products that the place already makes: the path to it. */
  path: PathView[]
}

/** One move. */
export interface MoveView {
  /** Name to accept it by. */
  id: string
  /** `upgrade`, `develop`, `attract`, `stock`, `second_source`. */
  kind: string
  /** What, in words. */
  title: Label
  /** Firm that it is about, when a name is lawful. */
  firm: string | null
  /** Its name. */
  firm_name: string
  /** Lost output after it, 万元. */
  loss_after: number
  /** What it saves, 万元. */
  effect: number
  /** Cost in 万元; null where nobody has stated one. */
  cost: number | null
  /** Coverage and sources after it. */
  sources_after: number | null
  /** What must be shown to call it done. */
  evidence: Label
  /** The changes to the chain when it is carried out as planned. */
  ops: ChainOp[]
}

/** A related product. */
export interface PathView {
  /** Product node. */
  product: string
  /** Name. */
  name: string
  /** Proximity to the product asked for. */
  proximity: number
  /** Makers in the place. */
  makers: number
}

/** `POST /api/chains/{id}/tasks`: accepts a proposal. */
export interface NewChainTaskRequest {
  /** Lock: the revision that the person saw. */
  revision: number
  /** Day of the graph; empty: today. */
  day?: string
  /** Product node. */
  product: string
  /** Move. */
  move: string
  /** Sign-in of who carries it out. */
  owner: string
  /** Last day. */
  deadline: string
  /** Note. */
  note?: string
}

/** A task. */
export interface ChainTaskView {
  /** Identity. */
  id: number
  /** Lock. */
  version: number
  /** Chain. */
  chain: number
  /** Its title. */
  chain_title: string
  /** Product node. */
  product: string
  /** Its name. */
  product_name: string
  /** Kind of move. */
  kind: string
  /** What. */
  title: Label
  /** State. */
  state: string
  /** Its title. */
  state_title: Label
  /** Who. */
  owner: string
  /** Last day. */
  deadline: string
  /** It is over and the task is not done. */
  overdue: boolean
  /** Loss before, as predicted with it, and as measured once carried out, 万元. */
  effect: TaskEffect
  /** Planned changes. */
  ops: ChainOp[]
  /** Changes as carried out; null before. */
  done: ChainOp[] | null
  /** What must be shown. */
  evidence_wanted: Label
  /** Files and notes that show it. */
  evidence: TaskEvidence[]
  /** What one can do. */
  actions: ActionView[]
  /** What happened. */
  history: HistoryItem[]
}

/** Predicted and measured. */
export interface TaskEffect {
  /** Scenario. */
  scenario: StressRequest
  /** Revision on which it was predicted. */
  revision: number
  /** Day of the graph. */
  day: string
  /** Loss before. */
  before: number
  /** Loss after, as predicted. */
  predicted: number
  /** Loss after, as measured on the chain with what was carried out and nothing else changed. */
  measured: number | null
  /** Loss on the chain as it is now, with everything else that changed. */
  now: number | null
}

/** Evidence for a task. */
export interface TaskEvidence {
  /** What it shows. */
  title: string
  /** File name; empty for a note. */
  name: string
  /** Digest of the file. */
  digest: string
  /** Bytes. */
  size: number
  /** Who gave it. */
  by: string
  /** When. */
  at: string
}

/** A step of a task. `POST /api/chain-tasks/{id}/actions/{action}` */
export interface ChainTaskStep {
  /** Lock. */
  version: number
  /** Why. */
  reason?: string
  /** A new last day. */
  deadline?: string
  /** Changes as carried out where they differ from the plan. */
  ops?: ChainOp[] | null
}

// ---- needs and suppliers ------------------------------------------------------------------------

/** A property that is demanded or stated. */
export interface SpecView {
  /** Property, such as `positioning_accuracy`. */
  property: string
  /** `at_least`, `at_most`, `has`. */
  demand: string
  /** Value; empty for `has`. */
  value: number | null
  /** Unit; empty for `has`. */
  unit: string
}

/** `POST /api/needs` */
export interface NewNeedRequest {
  /** Chain. */
  chain: number
  /** Firm of the register that has the need. */
  firm: number
  /** Product node. */
  product: string
  /** Title. */
  title: string
  /** Amount in 万元 a year. */
  amount: number
  /** How far a supplier may be, km; null: anywhere. */
  distance_max: number | null
  /** Last day for introductions. */
  until: string
  /** What is demanded; every one must be met. */
  specs: SpecView[]
}

/** A need. */
export interface NeedRow {
  /** Identity. */
  id: number
  /** Lock. */
  version: number
  /** Chain. */
  chain: number
  /** Firm. */
  firm: number
  /** Its name. */
  firm_name: string
  /** Where it is. */
  division: DivisionView
  /** Product node. */
  product: string
  /** Its name. */
  product_name: string
  /** Title. */
  title: string
  /** Amount in 万元 a year. */
  amount: number
  /** How far, km. */
  distance_max: number | null
  /** Last day. */
  until: string
  /** `open`, `closed`, `withdrawn`. */
  state: string
  /** Its title. */
  state_title: Label
  /** Introductions by state. */
  introductions: KindCount[]
}

/** A need with who could meet it. */
export interface NeedDetail {
  /** Its line. */
  row: NeedRow
  /** What is demanded. */
  specs: SpecView[]
  /** Suppliers, those that meet everything first, by points. */
  suppliers: SupplierView[]
  /** Suppliers that state nothing on a property that decides: they are asked, not refused. */
  unknown: number
  /** Introductions. */
  introductions: IntroductionView[]
  /** What one can do. */
  actions: ActionView[]
  /** What happened. */
  history: HistoryItem[]
}

/** Who could meet a need. */
export interface SupplierView {
  /** Firm of the register. */
  firm: number
  /** Name. */
  name: string
  /** Where. */
  division: DivisionView
  /** Distance in km between the centres of both divisions. */
  distance: number | null
  /** `fits`, `unknown`, `refused`. */
  state: string
  /** Every requirement with what was found. */
  verdicts: VerdictView[]
  /** The rank as the sum of its parts. */
  parts: PointPart[]
  /** That sum. */
  points: number
  /** Assigned when all open needs of the chain are served together. */
  assigned: boolean
}

/** One requirement. */
export interface VerdictView {
  /** Property. */
  property: string
  /** What is demanded, such as `≤ 5 μm`. */
  demand: string
  /** What was found; empty: nothing stated. */
  stated: string
  /** Null: not known. */
  met: boolean | null
}

/** A summand of a rank. */
export interface PointPart {
  /** `distance`, `capacity`, `certificates`, `record`, `concentration`. */
  criterion: string
  /** How well it is met, 0 to 1. */
  value: number
  /** Most points. */
  weight: number
  /** Points. */
  points: number
}

/** A supplier introduced to a need, up to the first order and beyond. */
export interface IntroductionView {
  /** Identity. */
  id: number
  /** Lock. */
  version: number
  /** Need. */
  need: number
  /** Supplier. */
  firm: number
  /** Name. */
  name: string
  /** State. */
  state: string
  /** Its title. */
  state_title: Label
  /** Evidence of the order: file name; empty before. */
  order: string
  /** What one can do. */
  actions: ActionView[]
  /** What happened. */
  history: HistoryItem[]
}

/** What a supplier states of itself. `PUT /api/capabilities` */
export interface CapabilityView {
  /** Chain. */
  chain: number
  /** Firm of the register. */
  firm: number
  /** Name (in answers). */
  name: string
  /** Product node. */
  product: string
  /** Free capacity in 万元 a year. */
  capacity: number
  /** Properties: `has`, or a value with its unit under `at_least` (as good as at least) or `at_most`. */
  specs: SpecView[]
  /** The firm agrees that buyers see this. */
  consent: boolean
  /** When it was stated (in answers). */
  at: string
}

// ---- clusters -----------------------------------------------------------------------------------

/** Clusters of the province, found by data. */
export interface ClustersView {
  /** Digest of the table that they come from. */
  digest: string
  /** When it was loaded. */
  at: string
  /** By whom. */
  by: string
  /** Rows in it. */
  rows: number
  /** Groups of related industries. */
  groups: GroupView[]
  /** Clusters. */
  clusters: ClusterView[]
  /** Overlap between cities. */
  overlaps: CityOverlapView[]
  /** Advice for each city. */
  niches: NicheView[]
  /** The declared industries against what was found. */
  declared: DeclaredView[]
  /** Agreement of both groupings, adjusted for chance (Hubert & Arabie 1985). */
  rand: number | null
  /** The person may load another table. */
  may_load: boolean
}

/** Industries that go together. */
export interface GroupView {
  /** Number. */
  group: number
  /** Named by its largest industries. */
  name: string
  /** Industries, GB/T 4754 code and name. */
  industries: KindName[]
  /** Output, 万元. */
  output: number
  /** Ellison–Glaeser index; null where it is not defined. */
  agglomeration: number | null
  /** Mean relatedness within. */
  relatedness: number | null
}

/** A code with its name. */
export interface KindName {
  /** Code. */
  code: string
  /** Name. */
  name: string
}

/** A cluster: a group of industries in neighbouring divisions. */
export interface ClusterView {
  /** Group. */
  group: number
  /** Name of the group. */
  name: string
  /** Divisions. */
  places: DivisionView[]
  /** Firms. */
  firms: number
  /** Output, 万元. */
  output: number
  /** Staff. */
  staff: number
  /** Location quotient. */
  location_quotient: number | null
  /** Share of the province's output in the group. */
  share: number
  /** Linkage: part of related pairs of industries that are both present. */
  linkage: number | null
  /** Declared industry that it fits most; empty: none. */
  declared: string
}

/** How alike two cities are. */
export interface CityOverlapView {
  /** One. */
  a: DivisionView
  /** The other. */
  b: DivisionView
  /** Cosine of their industries, 0 to 1. */
  overlap: number
}

/** Where a city could differ. */
export interface NicheView {
  /** City. */
  city: DivisionView
  /** Mean overlap with the others. */
  overlap: number
  /** Groups, best first. */
  groups: NicheGroup[]
}

/** A group for a city. */
export interface NicheGroup {
  /** Group. */
  group: number
  /** Name. */
  name: string
  /** Location quotient there. */
  location_quotient: number | null
  /** Nearness to what it makes. */
  density: number | null
  /** Other cities that are specialised in it. */
  rivals: number
  /** `keep` (specialised, few rivals), `grow` (near, few rivals), `crowded` (specialised, many rivals). */
  advice: string
}

/** A declared industry against what was found. */
export interface DeclaredView {
  /** Name. */
  name: Label
  /** Industries declared. */
  industries: number
  /** The group that fits most; null: none. */
  group: number | null
  /** Name of that group. */
  group_name: string
  /** Part of the group that is declared. */
  precision: number | null
  /** Part of what is declared that is in the group. */
  recall: number | null
  /** Both over either. */
  jaccard: number | null
  /** Clusters found whose group it is. */
  clusters: number
}
