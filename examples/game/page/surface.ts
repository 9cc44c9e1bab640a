/** A canvas as sharp as the screen is, in the colours of the page. */

/**
 * Sizes the canvas to its place on the page. Returns what draws in CSS pixels, and the size.
 * @param alpha - false for one that is painted all over, which costs less
 */
export function fitted(
  canvas: HTMLCanvasElement,
  alpha = true,
): { pen: CanvasRenderingContext2D; width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = window.devicePixelRatio || 1
  const [right, down] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== right || canvas.height !== down) {
    canvas.width = right
    canvas.height = down
  }
  const pen = canvas.getContext('2d', { alpha })!
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  return { pen, width, height }
}

/** The colours by these names, as they are now: they change with the scheme. */
export function colors<K extends string>(element: Element, names: readonly K[]): () => Readonly<Record<K, string>> {
  const read = () => {
    const style = getComputedStyle(element)
    return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()])) as Record<
      K,
      string
    >
  }
  let current = read()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (current = read()))
  return () => current
}

/** Whether things that move only for show may do so. */
const calm = matchMedia('(prefers-reduced-motion: reduce)')
export const isCalm = (): boolean => calm.matches
