// Rounds and filings: the rounds, opening one, one round, all filings, one filing.
import type { RouteRecordRaw } from 'vue-router'
import { OFFICERS, type Role } from '@/app/session'

const READERS: Role[] = [...OFFICERS, 'firm', 'auditor']

export default [
  {
    path: '/rounds',
    name: 'rounds',
    component: () => import('./RoundsView.vue'),
    meta: { title: 'rounds.title', search: true, roles: READERS },
  },
  {
    path: '/rounds/new',
    name: 'round-new',
    component: () => import('./NewRoundView.vue'),
    meta: { title: 'rounds.add', nav: 'rounds', roles: OFFICERS },
  },
  {
    path: '/rounds/:id(\\d+)',
    name: 'round',
    component: () => import('./RoundView.vue'),
    meta: { title: 'rounds.one', nav: 'rounds', roles: READERS },
  },
  {
    path: '/filings',
    name: 'filings',
    component: () => import('./FilingsView.vue'),
    meta: { title: 'rounds.filings', nav: 'rounds', search: true, roles: READERS },
  },
  {
    path: '/filings/:id(\\d+)',
    name: 'filing',
    component: () => import('./FilingView.vue'),
    meta: { title: 'rounds.filing', nav: 'rounds', roles: READERS },
  },
] satisfies RouteRecordRaw[]
