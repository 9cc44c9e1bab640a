/** Finds browsers for the tests. */
import { find } from './programs.mjs'

export const findChromium = () =>
  find({
    title: 'Chromium',
    variable: 'CHROME_PATH',
    package: 'chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  })

export const findFirefox = () =>
  find({
    title: 'Firefox',
    variable: 'FIREFOX_PATH',
    package: 'firefox-esr',
    names: ['firefox-esr', 'firefox'],
  })
