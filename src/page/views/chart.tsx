import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { useTheme } from './use-store.ts'

export interface ChartLine {
  readonly label: string
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  readonly title: string
  /** Milliseconds since the epoch. */
  readonly times: readonly number[]
  readonly lines: readonly ChartLine[]
  readonly format: (value: number) => string
  /** Whether ticks are at powers of two, as for bytes. */
  readonly isBinary?: boolean
}

const HEIGHT = 140
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, i) => 2 ** i)
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4']

/** Draws lines over the last minutes. */
export function Chart({ title, times, lines, format, isBinary = false }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const shape = lines.map(({ label }) => label).join('\n')
  const theme = useTheme()
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const made = new uPlot(optionsFor(element, lines, format, isBinary), [[], ...lines.map(() => [])], element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [shape, theme])
  useEffect(() => plot.current?.setData([times.map((ms) => ms / 1000), ...lines.map(({ values }) => [...values])]))
  const latest = lines.map(({ label, values }) => {
    const value = values.at(-1)
    return { label, text: value === null || value === undefined ? '–' : format(value) }
  })
  const spoken = latest.map(({ label, text }) => `${label} ${text}`).join(', ')
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="latest">
          {latest.map(({ label, text }, i) => (
            <span key={label}>
              {lines.length > 1 && <span class={`line-key line-${(i % COLOURS.length) + 1}`} aria-hidden="true" />}
              {lines.length > 1 && <span class="muted">{label} </span>}
              <strong>{text}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${spoken}`} />
    </figure>
  )
}

function optionsFor(
  element: HTMLElement,
  lines: readonly ChartLine[],
  format: (value: number) => string,
  isBinary: boolean,
): uPlot.Options {
  const axis = {
    stroke: colourOf(element, '--muted'),
    grid: { stroke: colourOf(element, '--border'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  }
  return {
    width: element.clientWidth || 320,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 1) || 1] } },
    axes: [
      { ...axis, size: 24, space: 80, values: (_, seconds) => seconds.map((second) => clock(second)) },
      { ...axis, size: 64, values: (_, values) => values.map(format), ...(isBinary ? { incrs: POWERS_OF_TWO } : {}) },
    ],
    series: [
      {},
      ...lines.map(({ label }, i) => ({
        label,
        stroke: colourOf(element, COLOURS[i % COLOURS.length] ?? ''),
        width: 1.5,
        points: { show: false },
      })),
    ],
  }
}

/**
 * Returns the colour of a custom property in the current theme. A canvas does not support `var()` or `light-dark()`.
 */
function colourOf(element: HTMLElement, property: string): string {
  element.style.color = `var(${property})`
  const { color } = getComputedStyle(element)
  element.style.color = ''
  return color
}

function clock(secondsSinceEpoch: number): string {
  return new Date(secondsSinceEpoch * 1000).toLocaleTimeString('en-GB')
}
