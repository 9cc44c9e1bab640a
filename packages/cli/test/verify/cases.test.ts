/** The list of cases: whole, numbered, and explained. */
import { describe, expect, test } from 'vitest'
import { rolesOf } from '../../src/verify/case.ts'
import { cases, families } from '../../src/verify/cases.ts'
import { casesFor } from '../../src/verify/engine/result.ts'
import { select } from '../../src/verify/select.ts'

test('there are at least 500 cases for each role', () => {
  expect(casesFor('server', cases).length).toBeGreaterThan(500)
  expect(casesFor('client', cases).length).toBeGreaterThan(500)
})

test('numbers are given once, and begin with that of the family', () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  for (const { number, cases } of families)
    for (const { id } of cases) expect(id).toMatch(new RegExp(`^${number}\\.[1-9]\\d*\\.[1-9]\\d*$`))
})

test('titles within a family are unlike each other', () => {
  for (const { cases } of families) {
    const titles = cases.map(of => `${of.title} ${rolesOf(of)}`)
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
  }
})

test('each case names a clause and a reason to care, and begins with the best outcome', () => {
  for (const { clause, why, outcomes, timed } of cases) {
    expect(clause).toMatch(timed ? /^none$/ : /^RFC \d+ §/)
    expect(why).toMatch(/\.$/)
    expect(outcomes[0]?.verdict).toBe('pass')
  }
})

describe('--only and --exclude', () => {
  const ids = (only: string[], exclude: string[] = []): string[] => select(cases, only, exclude).map(({ id }) => id)

  test('a family, a group and a case are named by the start of a number', () => {
    expect(new Set(ids(['5.*']).map(id => id.split('.')[0]))).toEqual(new Set(['5']))
    expect(ids(['5'])).toEqual(ids(['5.*']))
    expect(ids(['1'])).not.toContain('10.1.1')
    expect(ids(['7.1']).every(id => id.startsWith('7.1.'))).toBe(true)
    expect(ids(['7.1.2'])).toEqual(['7.1.2'])
    expect(ids(['*']).length).toBe(cases.length)
  })

  test('what is excluded goes from what was chosen', () => {
    expect(ids(['7.1'], ['7.1.2'])).toEqual(ids(['7.1']).filter(id => id !== '7.1.2'))
  })

  test('what names nothing is told', () => {
    expect(() => ids(['99'])).toThrow('there is no case 99')
    expect(() => ids([], ['7.1.99'])).toThrow('there is no case 7.1.99')
  })
})
