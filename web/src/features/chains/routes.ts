// Industry chains: the chains, the seven sides of one, its proposals and tasks, and what lead firms need.
import type { RouteRecordRaw } from 'vue-router'
import { BUSINESS, OFFICERS, type Role } from '@/app/session'

const READERS: Role[] = [...OFFICERS, 'department_owner', 'auditor']
const side = (name: string, path: string, title: string, component: RouteRecordRaw['component']) =>
  ({ path: `/chains/:id(\\d+)${path}`, name, component, meta: { title, nav: 'chains', roles: READERS } }) as RouteRecordRaw

export default [
  { path: '/chains', name: 'chains', component: () => import('./ChainsView.vue'), meta: { title: 'chains.title', search: true, roles: READERS } },
  side('chain', '', 'chains.tabs.chain', () => import('./GraphView.vue')),
  side('chain-gaps', '/gaps', 'chains.tabs.chain-gaps', () => import('./GapsView.vue')),
  side('chain-stress', '/stress', 'chains.tabs.chain-stress', () => import('./StressView.vue')),
  side('chain-tasks', '/tasks', 'chains.tabs.chain-tasks', () => import('./TasksView.vue')),
  side('chain-placements', '/placements', 'chains.tabs.chain-placements', () => import('./PlacementsView.vue')),
  side('chain-needs', '/needs', 'chains.tabs.chain-needs', () => import('./ChainNeedsView.vue')),
  side('chain-data', '/data', 'chains.tabs.chain-data', () => import('./DataView.vue')),
  side('chain-proposals', '/proposals', 'chains.proposals.title', () => import('./ProposalsView.vue')),
  { path: '/chain-tasks', name: 'all-chain-tasks', component: () => import('./AllTasksView.vue'), meta: { title: 'chains.tasks.mine', nav: 'chains', search: true, roles: READERS } },
  { path: '/chain-tasks/:id(\\d+)', name: 'chain-task', component: () => import('./TaskView.vue'), meta: { title: 'chains.tasks.one', nav: 'chains', roles: BUSINESS } },
  { path: '/needs', name: 'needs', component: () => import('./NeedsView.vue'), meta: { title: 'chains.needs.title', search: true, roles: BUSINESS } },
  { path: '/needs/:id(\\d+)', name: 'need', component: () => import('./NeedView.vue'), meta: { title: 'chains.needs.one', nav: 'needs', roles: BUSINESS } },
] satisfies RouteRecordRaw[]
