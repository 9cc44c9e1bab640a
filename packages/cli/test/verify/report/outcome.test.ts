/** When a run has failed, as `--fail-on` and `--compare` want it. */
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../../src/verify/engine/judge.ts'
import type { FailOn } from '../../../src/verify/options.ts'
import { whyFailed } from '../../../src/verify/report/outcome.ts'
import { changes, reportOf } from '../../../src/verify/report/report.ts'
import { resultWith } from '../../support/verdicts.ts'

const report = (verdicts: readonly Verdict[], chosen = verdicts.length) =>
  reportOf(
    'server',
    'ws://peer/',
    verdicts.map((verdict, index) => resultWith({ id: `1.1.${index + 1}`, verdict })),
    { chosen },
  )

describe('a run has failed', () => {
  test.each<[Verdict[], FailOn, string | undefined]>([
    [['pass', 'informational'], 'lenient', undefined],
    [['pass', 'lenient'], 'strict-fail', undefined],
    [['pass', 'lenient'], 'lenient', '1 of 2 cases are lenient'],
    [['pass', 'strict-fail'], 'strict-fail', '1 of 2 cases failed'],
    [['lenient', 'strict-fail'], 'lenient', '1 of 2 cases failed'],
    [['strict-fail'], 'never', undefined],
  ])('with %j and --fail-on %s: %s', (verdicts, failOn, why) => {
    expect(whyFailed(report(verdicts), [], failOn)).toBe(why)
  })

  test('when cases are missing, whatever --fail-on says', () => {
    expect(whyFailed(report(['pass'], 3), [], 'never')).toBe('2 of 3 cases were not run')
  })

  test('when a case became worse', () => {
    const [before, now] = [report(['pass', 'lenient']), report(['informational', 'pass'])]
    expect(whyFailed(now, changes(before, now), 'strict-fail')).toBe('1 of 2 cases became worse')
    expect(whyFailed(now, changes(before, now), 'never')).toBe(undefined)
  })
})
