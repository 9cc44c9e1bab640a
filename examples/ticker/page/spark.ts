/** A small chart of the last prices, without numbers. */
import type { Stock } from './quotes.ts'

export const SPARK = { width: 108, height: 26 } as const

/** The colours of the page, read once and not for each of two hundred. */
export interface Inks {
  readonly up: string
  readonly down: string
  readonly rule: string
}

export function drawSpark(canvas: HTMLCanvasElement, { past, open, change }: Stock, inks: Inks): void {
  const { width, height } = SPARK
  const ratio = devicePixelRatio
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const least = Math.min(...past, open)
  const span = Math.max(Math.max(...past, open) - least, open / 1_000)
  const y = (price: number): number => height - 2 - ((price - least) / span) * (height - 4)
  const x = (point: number): number => (point / Math.max(past.length - 1, 1)) * (width - 3)
  context.strokeStyle = inks.rule
  context.beginPath()
  context.moveTo(0, y(open))
  context.lineTo(width, y(open))
  context.stroke()
  context.strokeStyle = context.fillStyle = change < 0 ? inks.down : inks.up
  context.lineWidth = 1.4
  context.lineJoin = 'round'
  context.beginPath()
  for (const [point, price] of past.entries()) context.lineTo(x(point), y(price))
  context.stroke()
  context.beginPath()
  context.arc(x(past.length - 1), y(past.at(-1) ?? open), 1.9, 0, 7)
  context.fill()
}
