// Draws areas that lie on each other, and a limit, over the time of work. A file of its own: it is loaded when there is something
// to draw, and with it what it draws with.
import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import { words } from "../words.ts";
import { clockText } from "./words.ts";

/** What an area is filled with, so that nobody has to tell colours apart: list.css has the same for the signs of the legend. */
export type Hatch = "solid" | "rising" | "upright" | "crossed" | "level";

export interface Look {
  /** The name of its colour in page.css. */
  color: string;
  hatch: Hatch;
}

export interface Drawing {
  /** The samples' times, the value of each area at each of them, from the lowest, and the limit where there is one. */
  show(times: number[], areas: number[][], limits: (number | null)[] | null): void;
  remove(): void;
}

const HEIGHT_PX = 200;
/** How wide a hatch is before it begins anew. */
const TILE_PX = 8;
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800, 604_800];
const WHOLE = Array.from({ length: 30 }, (_, index) => [1, 2, 5][index % 3]! * 10 ** Math.floor(index / 3));

/** Where the lines of a tile begin and end, in tiles; beyond its edges, so that they meet those of the next one. */
const LINES: Record<Hatch, [number, number, number, number][]> = {
  solid: [],
  rising: [[-0.25, 0.25, 0.25, -0.25], [-0.25, 1.25, 1.25, -0.25], [0.75, 1.25, 1.25, 0.75]],
  upright: [[0.25, 0, 0.25, 1], [0.75, 0, 0.75, 1]],
  crossed: [[0, 0, 1, 1], [0, 1, 1, 0]],
  level: [[0, 0.5, 1, 0.5]],
};

function fillOf(context: CanvasRenderingContext2D, color: string, hatch: Hatch): CanvasPattern | string {
  if (hatch === "solid") return color;
  const size = TILE_PX * Math.max(1, Math.round(devicePixelRatio));
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d")!;
  pen.fillStyle = pen.strokeStyle = color;
  pen.globalAlpha = 0.3;
  pen.fillRect(0, 0, size, size);
  pen.globalAlpha = 1;
  pen.lineWidth = size / 4;
  for (const [x, y, toX, toY] of LINES[hatch]) {
    pen.beginPath();
    pen.moveTo(x * size, y * size);
    pen.lineTo(toX * size, toY * size);
    pen.stroke();
  }
  return context.createPattern(tile, "repeat") ?? color;
}

/** Draws into an element, as wide as it is. `point` hears which sample the pointer is at. */
export function draw(box: HTMLElement, looks: Look[], hasLimit: boolean, point: (index: number | null) => void): Drawing {
  // Asked at each drawing: light may turn to dark meanwhile.
  const css = (name: string) => getComputedStyle(box).getPropertyValue(name);
  const font = `12px ${css("font-family") || "sans-serif"}`;
  const line = (more: Partial<uPlot.Series>): uPlot.Series => ({ points: { show: false }, ...more });
  const axis: uPlot.Axis = { stroke: () => css("--soft"), font, grid: { stroke: () => css("--line"), width: 1 }, ticks: { show: false } };
  const areas = looks.map(({ color, hatch }) => line({ width: 0, fill: ({ ctx }) => fillOf(ctx, css(color), hatch) }));
  const chart = new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT_PX,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: (_, __, last) => [0, Math.max(1, last)] },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
      },
      axes: [
        { ...axis, space: 70, size: 28, incrs: SECONDS, values: (_, splits) => splits.map(clockText) },
        { ...axis, space: 36, incrs: WHOLE, values: (_, splits) => splits.map(words.value.number), size: (_, texts) => 14 + 7 * Math.max(1, ...(texts ?? []).map((text) => text.length)) },
      ],
      series: [
        {},
        ...areas,
        line({ stroke: () => css("--ink"), width: 1.5 }),
        ...(hasLimit ? [line({ stroke: () => css("--ink"), width: 2, dash: [6, 4], paths: uPlot.paths.stepped!({ align: 1 }) })] : []),
      ],
      // Each area reaches down to the one below it.
      bands: looks.slice(1).map((_, index) => ({ series: [index + 2, index + 1] })),
      hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? null)] },
    },
    undefined,
    box,
  );
  const observer = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
  observer.observe(box);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => chart.redraw();
  dark.addEventListener("change", redraw);
  return {
    show(times, areas, limits) {
      const tops: number[][] = [];
      for (const area of areas) tops.push(area.map((value, index) => value + (tops.at(-1)?.[index] ?? 0)));
      chart.setData([times, ...tops, tops.at(-1)!, ...(limits ? [limits] : [])]);
    },
    remove() {
      observer.disconnect();
      dark.removeEventListener("change", redraw);
      chart.destroy();
    },
  };
}
