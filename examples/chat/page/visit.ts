/** Who we are: kept for this tab only, so that a second tab is a second person. */
import * as v from 'valibot'
import { Name, Room } from '../messages.ts'

const Visit = v.object({ secret: v.string(), name: Name, room: Room })
export type Visit = v.InferOutput<typeof Visit>

const KEPT = 'hotline chat'

/** Unguessable, of letters, digits, - and _. crypto.randomUUID is there over https only. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, sign => ({ '+': '-', '/': '_' })[sign] ?? '')
}

/** The visit of before a reload. */
export function kept(): Visit | undefined {
  try {
    return v.parse(Visit, JSON.parse(sessionStorage.getItem(KEPT) ?? ''))
  } catch {
    return undefined
  }
}

export function keep(visit: Visit): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(visit))
  } catch {
    // A browser that keeps nothing: a reload asks for the name again.
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEPT)
  } catch {}
}
