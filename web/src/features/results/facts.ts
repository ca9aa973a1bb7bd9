// Which figures of a firm a what-if may change: those that its proof used and that came from a
// department, and its effective land as a whole.
import type { Proof, ProofInput } from '@/shared/api'

const LAND = 'effective_land'

/** Figures of a proof that can be changed, each once, in the order of the indicators. */
export function changeable(proof: Proof): ProofInput[] {
  const found = new Map<string, ProofInput>()
  const numeric = (it: ProofInput) => it.value === null || /^-?\d+(\.\d+)?$/.test(it.value)
  const visit = (it: ProofInput) => {
    const leaf = it.id === LAND || it.inputs.length === 0
    if (!leaf) it.inputs.forEach(visit)
    else if (numeric(it) && !found.has(it.id)) found.set(it.id, it)
  }
  for (const indicator of proof.indicators) indicator.value.inputs.forEach(visit)
  return [...found.values()]
}
